import type { SeededRandom } from '../../../../../test/support/seededRandom.ts';
import type { Json } from '../../../event-store/eventStore.ts';

const WORDS = [
  'one',
  'two',
  'drei',
  ' ',
  '\n',
  '\r\n',
  '😀',
  '👩‍👩‍👧',
  'é',
  '漢字かな',
  '\ufffc',
  '\0',
  '\u202e',
  '.',
  'x',
];
const EMBEDS: readonly Json[] = [
  { image: 'a.png' },
  { image: 'b.png' },
  { type: 'value', value: { type: 'map', entries: {} } },
  { type: 'value', value: null },
  { type: 'value', value: 'text that is none' },
  { type: 'value', value: 7 },
  { type: 'value', value: [1, { a: null }] },
];
const FORMATS: readonly Record<string, Json>[] = [
  {},
  {},
  { bold: true },
  { bold: 'very' },
  { link: { href: '/x', type: 'map' } },
  { bold: true, italic: true },
];
// A bigint and minus zero, as lib0 writes them.
const VALUES: readonly Json[] = [
  'left',
  '',
  null,
  0,
  1.5,
  true,
  [],
  { a: { b: [1] } },
  { type: 'value', value: { type: 'text' } },
  { type: 'any', base64: 'egAAAAAAAAAF' },
  { type: 'any', base64: 'fUA=' },
];

/** Contents of texts, in the form in which they are read. */
export type RandomContent = {
  plain(): Json[];
  rich(): Json[];
  /** The same with some of it changed. */
  vary(content: readonly Json[], create: () => Json[]): Json[];
};

export function createRandomContent(random: SeededRandom): RandomContent {
  const some = <Item>(most: number, create: () => Item): Item[] =>
    Array.from({ length: random.integer(most + 1) }, create);

  const stretch = () => some(6, () => random.oneOf(WORDS)).join('') || 'x';

  function op(insert: Json): Json {
    const attributes = random.oneOf(FORMATS);
    return Object.keys(attributes).length > 0 ? { insert, attributes } : { insert };
  }

  const plainOps = () => some(8, () => op(random.integer(5) === 0 ? random.oneOf(EMBEDS) : stretch()));

  const attributes = (depth: number): Record<string, Json> =>
    Object.fromEntries(
      some(2, () => [
        random.oneOf(['align', '__proto', 'level', 'x']),
        depth > 0 && random.integer(5) === 0 ? map(depth - 1) : random.oneOf(VALUES),
      ]),
    );

  const map = (depth: number): Json => ({
    type: 'map',
    ...(random.integer(4) === 0 && { hook: 'widget' }),
    entries: attributes(depth),
  });

  function node(depth: number): Json {
    const kind = random.integer(6);
    const described = attributes(depth);
    const own = Object.keys(described).length > 0 ? { attributes: described } : {};
    if (kind === 0) return map(depth);
    if (kind < 3 || depth === 0) return { type: 'text', ...own, content: textOps(depth) };
    const name = random.oneOf(['paragraph', 'heading', 'list']);
    return { type: 'element', name, ...own, children: some(3, () => node(depth - 1)) };
  }

  const textOps = (depth: number): Json[] =>
    depth > 0 ? some(4, () => (random.integer(4) === 0 ? op(node(depth - 1)) : op(stretch()))) : plainOps();

  function rich(): Json[] {
    const kind = random.integer(6);
    if (kind === 0) return [{ type: 'root', attributes: { dir: 'ltr' }, content: textOps(2) }];
    return kind === 1 ? textOps(2) : some(5, () => node(2));
  }

  return {
    plain: plainOps,
    rich,
    vary: (content, create) => {
      const varied = [...content];
      const at = random.integer(varied.length + 1);
      varied.splice(at, random.integer(3), ...create().slice(0, random.integer(3)));
      return varied;
    },
  };
}
