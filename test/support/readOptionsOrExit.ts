/** What a program was started with; where that cannot be read, says why and how it is used, and ends with code 2. */
export function readOptionsOrExit<Options>(
  read: (options: readonly string[]) => Options,
  usage: string,
): Options {
  try {
    return read(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}
