import * as Y from 'yjs';
import type { SeededRandom } from '../support/seededRandom.ts';
import type { Content, ItemId, ModelRun } from './updateModel.ts';

/** What hostile updates are made of: the ids that the text knows, those that it does not, and numbers at the edges. */
export type Ids = {
  readonly random: SeededRandom;
  /** Client ids that the sender has used, or may. */
  readonly own: readonly number[];
  /** Everybody's. */
  readonly all: readonly number[];
  clockOf(client: number): number;
};

const EDGE_CLIENTS = [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
const EDGE_LENGTHS = [
  0,
  1,
  2,
  3,
  1000,
  2 ** 24,
  2 ** 24 + 1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  Number.MAX_SAFE_INTEGER,
];
const ROOTS = ['body', 'other', '', '__proto__', 'constructor', 'Body', 'body\u0000', 'toString'];

export function anyClient({ random, own, all }: Ids): number {
  const kind = random.integer(10);
  if (kind < 6) return random.oneOf(own);
  if (kind < 9 && all.length > 0) return random.oneOf(all);
  return kind === 9 ? random.oneOf(EDGE_CLIENTS) : random.oneOf(own);
}

/** Mostly of what the text knows. */
export function anyId(ids: Ids): ItemId {
  const client = ids.all.length > 0 && ids.random.integer(8) > 0 ? ids.random.oneOf(ids.all) : anyClient(ids);
  const known = ids.clockOf(client);
  const isKnown = known > 0 && ids.random.integer(16) > 0;
  return { client, clock: isKnown ? ids.random.integer(known) : known + ids.random.integer(3) };
}

export function anyLength({ random }: Ids): number {
  return random.integer(2) === 0 ? 1 + random.integer(8) : random.oneOf(EDGE_LENGTHS);
}

export function anyRun(ids: Ids): ModelRun {
  return { kind: ids.random.integer(2) === 0 ? 'gc' : 'skip', length: anyLength(ids) };
}

export function anyRoot({ random }: Ids): string {
  return random.oneOf(ROOTS);
}

function nest(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { x: value };
  return value;
}

/** Of every kind that Yjs knows, most of them small. */
export function anyContent(ids: Ids): Content {
  const { random } = ids;
  switch (random.integer(22)) {
    case 0:
      return new Y.ContentDeleted(anyLength(ids));
    case 1:
      return new Y.ContentJSON([1, 'x', undefined]);
    case 2:
      return new Y.ContentBinary(Uint8Array.of(1, 2, 3));
    case 3:
      return new Y.ContentAny([
        random.oneOf([1, 'x', null, undefined, { a: [1] }, 2n ** 62n, new Uint8Array(3)]),
      ]);
    case 4:
      return new Y.ContentDoc(new Y.Doc({ guid: 'inner' }));
    case 5:
      return new Y.ContentEmbed(nest(random.oneOf([1, 3, 63, 64, 65, 200])) as object);
    case 6:
      return new Y.ContentFormat('bold', nest(random.oneOf([1, 3, 63, 64, 65, 200])) as object);
    case 7:
      return new Y.ContentAny([nest(random.oneOf([1, 63, 64, 65]))]);
    case 8:
      return new Y.ContentType(anyType(ids));
    case 9:
      return new Y.ContentFormat(
        random.oneOf(['bold', '', '__proto__', 'k'.repeat(1025)]),
        random.oneOf([null, true]) as never,
      );
    case 10:
    case 11:
      return new Y.ContentType(random.oneOf([() => new Y.XmlElement('p'), () => new Y.XmlText()])());
    case 12:
      return new Y.ContentEmbed({ image: 'x' });
    case 13:
      return new Y.ContentFormat('color', random.oneOf(['red', null]) as never);
    default:
      return new Y.ContentString(
        random.oneOf(['x', 'several', '\ud83d', '\ude00', '\u{1f600}', '\u0000\u202e', 'é']),
      );
  }
}

type AnyType = ConstructorParameters<typeof Y.ContentType>[0];

function anyType({ random }: Ids): AnyType {
  const make = random.oneOf<() => AnyType>([
    () => new Y.Array(),
    () => new Y.Map(),
    () => new Y.Text(),
    () => new Y.XmlElement('p'),
    () => new Y.XmlFragment(),
    () => new Y.XmlHook('hook'),
    () => new Y.XmlText(),
  ]);
  return make();
}
