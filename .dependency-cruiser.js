/**
 * Which way imports point. protocol and domain know nobody; aggregates, commands, text and projections know domain
 * and the event store's port; http and realtime know those and never each other; adapters know their port and their
 * library; only main, index and createServer put the parts together. A layer may import its own files and those
 * listed beside it, and nothing else of ours.
 */
const TESTS = '(^test/|[.]test[.]tsx?$|[.]test-d[.]ts$|/testSupport/)';
const OURS = '^(client-sdk|server|examples|scripts|test)/';
// Whatever lies beside the layers puts them together.
const WIRING = '^server/src/[^/]+[.]ts$';
// A worker is started by its address, which is no import.
const ENTRIES =
  '(^client-sdk/(src|src/offline|src/react|src/testing|protocol)/index|^server/src/(main|index|testing/index)|^examples/notes/(application|page/main)|[wW]orker)[.]tsx?$';
const CONFIGURATION = '[.]config[.](js|ts)$';

const PROTOCOL = '^client-sdk/protocol/';
// From another workspace, only through the entry that is published.
const PROTOCOL_ENTRY = '^client-sdk/protocol/index[.]ts$';
const LIFECYCLE = '^server/src/lifecycle/';
const STORE_PORT = '^server/src/event-store/(eventStore|eventStoreError|streamName)[.]ts$';
const DOMAIN = '^server/src/domain/';
const AGGREGATES = '^server/src/aggregates/';
const COMMANDS = '^server/src/commands/';
const TEXT = '^server/src/text/';
const PROJECTIONS = '^server/src/projections/';
const REACTORS = '^server/src/reactors/';
const AUTH = '^server/src/auth/';
const OBSERVABILITY = '^server/src/observability/';

const CORE = [PROTOCOL_ENTRY, LIFECYCLE, STORE_PORT, DOMAIN];
const EDGE = [...CORE, AGGREGATES, COMMANDS, TEXT, PROJECTIONS, AUTH, OBSERVABILITY];

function layer(name, path, known) {
  return {
    name,
    severity: 'error',
    from: { path, pathNot: [TESTS, CONFIGURATION] },
    to: { path: OURS, pathNot: [path, ...known] },
  };
}

/** Packages, or Node's own modules, that only these of the product's files may import. */
function onlyIn(name, packages, users) {
  return {
    name,
    severity: 'error',
    from: { path: '^(client-sdk|server|examples)/', pathNot: [TESTS, CONFIGURATION, ...users] },
    to: { path: packages },
  };
}

const layers = [
  layer('protocol-knows-nobody', PROTOCOL, []),
  layer('sdk-knows-protocol', '^client-sdk/src/(?!testing/)', [PROTOCOL]),
  // The kit runs the real server, so that its rules are the server's.
  layer('testing-kit-knows-both', '^client-sdk/src/testing/', [
    PROTOCOL,
    '^client-sdk/src/',
    '^server/src/testing/index[.]ts$',
  ]),
  {
    name: 'core-knows-no-entry-beside-it',
    comment: 'A page that does not use them must not load them.',
    severity: 'error',
    from: { path: '^client-sdk/src/', pathNot: [TESTS, '^client-sdk/src/(offline|react|testing)/'] },
    to: { path: '^client-sdk/src/(offline|react|testing)/' },
  },
  layer('lifecycle-knows-protocol', LIFECYCLE, [PROTOCOL_ENTRY]),
  layer('domain-knows-protocol', DOMAIN, [PROTOCOL_ENTRY]),
  layer('event-store-knows-protocol', '^server/src/event-store/', [PROTOCOL_ENTRY, LIFECYCLE]),
  layer('auth-knows-protocol', AUTH, [PROTOCOL_ENTRY, LIFECYCLE]),
  layer('observability-knows-what-it-counts', OBSERVABILITY, [...CORE, COMMANDS]),
  layer('aggregates-know-domain-and-port', AGGREGATES, CORE),
  layer('commands-know-domain-and-port', COMMANDS, [...CORE, AGGREGATES]),
  layer('text-knows-domain-and-port', TEXT, CORE),
  layer('projections-know-domain-and-port', PROJECTIONS, [...CORE, AGGREGATES]),
  layer('reactors-know-projections-and-text', REACTORS, [...CORE, AGGREGATES, PROJECTIONS, TEXT]),
  layer('http-knows-no-adapter-nor-realtime', '^server/src/http/', EDGE),
  layer('realtime-knows-no-adapter-nor-http', '^server/src/realtime/', EDGE),
  layer('wiring-knows-the-server', WIRING, [PROTOCOL_ENTRY, '^server/src/']),
  layer('examples-know-public-entries', '^examples/', [
    PROTOCOL_ENTRY,
    '^client-sdk/src/((offline|react|testing)/)?index[.]ts$',
    '^server/src/index[.]ts$',
  ]),
];

const adapters = {
  name: 'adapters-are-strangers',
  comment: 'An adapter of the event store does not import another one.',
  severity: 'error',
  from: { path: '^server/src/event-store/([^/]+)/', pathNot: TESTS },
  to: { path: '^server/src/event-store/[^/]+/', pathNot: '^server/src/event-store/$1/' },
};

const wiring = {
  name: 'nothing-imports-the-wiring',
  severity: 'error',
  // The testing kit puts the same parts together, without HTTP.
  from: { path: '^server/src/', pathNot: [TESTS, WIRING, '^server/src/testing/'] },
  to: { path: WIRING },
};

const packages = [
  onlyIn('ws-is-realtimes', '^node_modules/ws/', ['^server/src/realtime/', WIRING]),
  onlyIn('express-is-https', '^node_modules/express/', ['^server/src/http/', WIRING]),
  onlyIn('sqlite-is-its-adapters', '^node:sqlite$', ['^server/src/event-store/sqlite/']),
  onlyIn('jose-is-auths', '^node_modules/jose/', [AUTH]),
  {
    name: 'domain-is-pure',
    severity: 'error',
    from: { path: DOMAIN, pathNot: TESTS },
    to: { path: '^node_modules/(express|jose|lib0|pino|prom-client|ws|y-[^/]+|yjs)/' },
  },
  {
    name: 'domain-does-no-io',
    severity: 'error',
    from: { path: DOMAIN, pathNot: TESTS },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'protocol-and-sdk-run-in-a-browser',
    severity: 'error',
    from: { path: '^(client-sdk|examples/notes/page)/', pathNot: [TESTS, CONFIGURATION] },
    to: { dependencyTypes: ['core'] },
  },
];

const hygiene = [
  { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'no-unresolved',
    comment: 'It is not installed, not exported, or misspelt.',
    severity: 'error',
    // The page's bundler resolves style sheets by itself.
    from: {},
    to: { couldNotResolve: true, pathNot: '[.]css$' },
  },
  {
    name: 'declared-dependencies-only',
    severity: 'error',
    from: { path: '^(client-sdk|server|examples)/', pathNot: [TESTS, CONFIGURATION] },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
  },
  {
    name: 'tests-are-leaves',
    severity: 'error',
    from: { pathNot: TESTS },
    to: { path: TESTS, pathNot: '^test/support/' },
  },
  {
    name: 'no-dead-files',
    comment: 'Nothing that runs imports it; a test alone does not keep it.',
    severity: 'error',
    from: { path: ENTRIES },
    to: {
      path: '^(client-sdk/(protocol|src)|server/src|examples/notes)/',
      pathNot: [TESTS, CONFIGURATION, ENTRIES],
      reachable: false,
    },
  },
  {
    name: 'no-orphans',
    severity: 'error',
    from: {
      orphan: true,
      pathNot: [TESTS, CONFIGURATION, '^examples/', '[.]d[.]ts$', '^scripts/requireNode24[.]js$'],
    },
    to: {},
  },
];

export default {
  forbidden: [...layers, adapters, wiring, ...packages, ...hygiene],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(client-sdk|server|examples/[^/]+)/dist/|^test/fixtures/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['weft-source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.d.ts', '.mjs', '.js', '.json'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
