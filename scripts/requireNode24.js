// Loaded before everything else, in JavaScript that an older Node can read: it cannot load TypeScript, and would say
// so in a way that helps nobody.
const [major = ''] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `Weft needs Node 24 or newer, this is ${process.version}. ` +
      'Start it with "npm start" after "npm ci", which brings its own Node.\n',
  );
  process.exit(1);
}
