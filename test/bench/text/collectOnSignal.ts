// Loaded into a server before anything else, so that its memory can be read without what is garbage by then.
process.on('SIGUSR2', () => globalThis.gc?.());
