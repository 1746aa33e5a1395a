import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createSeededRandom, type SeededRandom } from '../../../../test/support/seededRandom.ts';
import type { Json } from '../../event-store/eventStore.ts';
import { judgeContent } from '../judging/judgeContent.ts';
import { makeEdit } from './makeEdit.ts';
import { readContent } from './readContent.ts';
import { createRandomContent } from './testSupport/randomContent.ts';
import type { SpanEdit, TextEdit } from './textEdit.ts';
import { toPlainText } from './toPlainText.ts';

type Kind = 'text' | 'rich-text';

function load(...updates: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc;
}

/** What a text is after an edit, and after others' updates that the edit did not know of. */
function edit(whole: Uint8Array, kind: Kind, wanted: TextEdit, ...others: readonly Uint8Array[]) {
  const made = makeEdit({ whole, field: 'body', kind, edit: wanted });
  if (made.outcome === 'invalid' || made.outcome === 'repeated') throw new Error(JSON.stringify(made));
  const update = made.outcome === 'made' ? made.update : undefined;
  const doc = load(whole, ...others, ...(update ? [update] : []));
  const root = doc.share.get('body');
  return {
    text: toPlainText(root),
    content: readContent(root),
    whole: Y.encodeStateAsUpdate(doc),
    update,
  };
}

const EMPTY = Y.encodeStateAsUpdate(new Y.Doc());

const toWhole = (kind: Kind, content: Json) => edit(EMPTY, kind, { kind: 'content', content }).whole;
const read = (whole: Uint8Array) => readContent(load(whole).share.get('body'));

function textOf(...ops: { insert: string | object; attributes?: object }[]): Uint8Array {
  const doc = new Y.Doc();
  doc.getText('body').applyDelta(ops);
  return Y.encodeStateAsUpdate(doc);
}

const isTaken = (update: Uint8Array) => judgeContent(update, { kind: 'text', field: 'body' }).outcome;

/** What somebody types who has this. */
function typed(whole: Uint8Array, type: (text: Y.Text) => void): Uint8Array {
  const doc = load(whole);
  const before = Y.encodeStateVector(doc);
  type(doc.getText('body'));
  return Y.encodeStateAsUpdate(doc, before);
}

describe('content', () => {
  it.each([{ kind: 'text' }, { kind: 'rich-text' }] as const)(
    '[EDT1] [RIC2] of a $kind is read as it was written, whatever it is made from',
    ({ kind }) => {
      const random = createSeededRandom(kind.length);
      const contents = createRandomContent(random);
      const create = kind === 'text' ? contents.plain : contents.rich;
      for (let run = 0; run < 150; run++) {
        const [first, second] = [create(), create()];
        const base = toWhole(kind, first);
        const normal = read(base);
        // What was read is written as it was read.
        expect(read(toWhole(kind, normal as Json))).toEqual(normal);
        const wanted = random.integer(2) === 0 ? second : contents.vary(normal, create);
        const target = isTakenTogether(wanted) ? wanted : second;
        const after = edit(base, kind, { kind: 'content', content: target });
        expect(after.content).toEqual(read(toWhole(kind, target)));
        // Nothing is left to do.
        const again = edit(after.whole, kind, { kind: 'content', content: target });
        expect(again.update).toBeUndefined();
      }
    },
  );

  it('[RIC2] keeps text and nodes that the target repeats', () => {
    const paragraph = (text: string, level = 1): Json => ({
      type: 'element',
      name: 'paragraph',
      attributes: { level },
      children: [{ type: 'text', content: [{ insert: text }] }],
    });
    const base = toWhole('rich-text', [paragraph('first'), paragraph('the second one'), paragraph('third')]);
    const doc = load(base);
    const second = doc.getXmlFragment('body').get(1) as Y.XmlElement;
    const before = Y.encodeStateVector(doc);
    (second.get(0) as Y.XmlText).insert(0, 'Ben: ');
    const bens = Y.encodeStateAsUpdate(doc, before);
    const after = edit(
      base,
      'rich-text',
      {
        kind: 'content',
        content: [paragraph('new'), paragraph('first'), paragraph('the 2nd one', 2), paragraph('third')],
      },
      bens,
    );
    expect(after.text).toBe('new\nfirst\nBen: the 2nd one\nthird');
    expect(after.update!.byteLength).toBeLessThan(250);
  });

  it('[RIC2] of what Lexical and ProseMirror make of a text is read as text by lines', () => {
    const doc = new Y.Doc();
    const root = doc.get('body', Y.XmlText);
    const paragraph = new Y.XmlText();
    root.insertEmbed(0, paragraph);
    paragraph.setAttribute('__type', 'paragraph');
    paragraph.insertEmbed(0, new Y.Map([['__type', 'text']]));
    paragraph.insert(1, 'one');
    paragraph.insertEmbed(4, new Y.Map([['__type', 'linebreak']]));
    paragraph.insertEmbed(5, new Y.Map([['__type', 'text']]));
    paragraph.insert(6, 'two');
    root.insertEmbed(1, new Y.XmlText());
    const whole = Y.encodeStateAsUpdate(doc);
    expect(toPlainText(load(whole).share.get('body'))).toBe('one\ntwo\n');
    expect(read(whole)).toEqual([
      {
        type: 'text',
        attributes: { __type: 'paragraph' },
        content: [
          { insert: { type: 'map', entries: { __type: 'text' } } },
          { insert: 'one' },
          { insert: { type: 'map', entries: { __type: 'linebreak' } } },
          { insert: { type: 'map', entries: { __type: 'text' } } },
          { insert: 'two' },
        ],
      },
      { type: 'text', content: [] },
    ]);
    const prose = new Y.Doc();
    const [heading, list] = [new Y.XmlElement('heading'), new Y.XmlElement('list')];
    prose.getXmlFragment('body').insert(0, [heading, list]);
    heading.insert(0, [new Y.XmlText('Plan '), new Y.XmlElement('mention'), new Y.XmlText('for May')]);
    const items = ['eggs', 'milk'].map((text) => {
      const item = new Y.XmlElement('item');
      item.insert(0, [new Y.XmlText(text)]);
      return item;
    });
    list.insert(0, items);
    expect(toPlainText(load(Y.encodeStateAsUpdate(prose)).share.get('body'))).toBe(
      'Plan for May\neggs\nmilk',
    );
  });

  it('[RIC2] is read however deep somebody nests it', () => {
    const doc = new Y.Doc();
    const root = doc.getXmlFragment('body');
    root.insert(0, [new Y.XmlElement('p'), new Y.XmlElement('end')]);
    let inner = root.get(0) as Y.XmlElement;
    inner.setAttribute('level', 'first');
    for (let depth = 0; depth < 1_000; depth++) {
      inner.insert(0, [new Y.XmlElement('p')]);
      inner = inner.get(0) as Y.XmlElement;
    }
    const whole = Y.encodeStateAsUpdate(doc);
    expect(toPlainText(load(whole).share.get('body'))).toBe('\n');
    const content = read(whole);
    expect(content[0]).toMatchObject({ name: 'p', attributes: { level: 'first' } });
    expect(content[1]).toMatchObject({ name: 'end' });
  });

  it.each<[string, Kind, Json]>([
    ['no list', 'text', { ops: [] }],
    ['an op without an insert', 'text', [{ retain: 3 }]],
    ['half a character', 'text', [{ insert: 'a\ud83d' }]],
    ['a node in a plain text', 'text', [{ insert: { type: 'map', entries: {} } }]],
    ['an element without a name', 'rich-text', [{ type: 'element', children: [] }]],
    ['an unknown key', 'rich-text', [{ type: 'text', content: [], style: 'x' }]],
    ['no value', 'rich-text', [{ type: 'map', entries: { a: { type: 'any', base64: '!' } } }]],
    ['half a character in an attribute', 'rich-text', [{ type: 'map', entries: { a: ['\udc00'] } }]],
  ])('[EDT5] with %s is refused', (_what, kind, content) => {
    const wanted = { kind: 'content', content } as const;
    expect(makeEdit({ whole: EMPTY, field: 'body', kind, edit: wanted })).toMatchObject({
      outcome: 'invalid',
    });
  });
});

/** Nodes and stretches of text are two forms of a root's content. */
function isTakenTogether(content: readonly Json[]): boolean {
  const isOp = (item: Json) => typeof item === 'object' && item !== null && 'insert' in item;
  return (content.every(isOp) || !content.some(isOp)) && !JSON.stringify(content).includes('"root"');
}

describe('a new text', () => {
  it('[EDT1] leaves what others typed meanwhile, within the words that it changes as well', () => {
    const whole = textOf({ insert: 'Helo wurld, how are you?\nSecond line.\n' });
    const bens = typed(whole, (text) => {
      text.insert(38, 'Ben was here.');
      text.insert(0, '> ');
    });
    const wanted = 'Hello world, how are they?\nSecond line.\n';
    expect(edit(whole, 'text', { kind: 'text', text: wanted }).text).toBe(wanted);
    expect(edit(whole, 'text', { kind: 'text', text: wanted }, bens).text).toBe(
      '> Hello world, how are they?\nSecond line.\nBen was here.',
    );
  });

  it('[EDT1] leaves what is embedded and the formatting, and takes on that of what it replaces', () => {
    const whole = textOf(
      { insert: 'plain ' },
      { insert: 'bold', attributes: { bold: true } },
      { insert: { image: 'a.png' } },
      { insert: ' end' },
    );
    expect(edit(whole, 'text', { kind: 'text', text: 'plain BOLD bend' }).content).toEqual([
      { insert: 'plain ' },
      { insert: 'BOLD', attributes: { bold: true } },
      { insert: { image: 'a.png' } },
      { insert: ' bend' },
    ]);
    expect(edit(whole, 'text', { kind: 'text', text: '' }).content).toEqual([{ insert: { image: 'a.png' } }]);
  });

  it('[EDT1] is made of any text, however it differs', () => {
    const random = createSeededRandom(7);
    const contents = createRandomContent(random);
    for (let run = 0; run < 150; run++) {
      const whole = toWhole('text', contents.plain());
      const text = toPlainText(load(toWhole('text', contents.plain())).share.get('body'));
      const embeds = (content: readonly unknown[]) =>
        content.filter((op) => typeof (op as { insert: unknown }).insert !== 'string').length;
      const after = edit(whole, 'text', { kind: 'text', text });
      expect(after.text).toBe(text);
      expect(embeds(after.content)).toBe(embeds(read(whole)));
    }
  });

  it('[EDT1] of many words that all differ is made in time, as one update that a room takes', () => {
    const random = createSeededRandom(8);
    const words = (count: number) =>
      Array.from({ length: count }, () => random.integer(1_000_000).toString(36)).join(' ');
    const [one, other] = [words(60_000), words(400_000)];
    const { text, update } = edit(textOf({ insert: one }), 'text', { kind: 'text', text: other });
    expect(text).toBe(other);
    expect(isTaken(update!)).toBe('sound');
  });

  it('[EDT1] with more changed words than a room takes at once gives way by whole lines', () => {
    const lines = (word: string) => `${`same ${word} `.repeat(200)}\n`.repeat(900);
    const { text, update } = edit(textOf({ insert: lines('old') }), 'text', {
      kind: 'text',
      text: lines('new'),
    });
    expect(text).toBe(lines('new'));
    expect(isTaken(update!)).toBe('sound');
  });

  it('[EDT5] with half a character is refused, and so is any of a rich text', () => {
    const order = { whole: textOf({ insert: 'x' }), field: 'body' } as const;
    const half = { kind: 'text', text: '\ud83d' } as const;
    expect(makeEdit({ ...order, kind: 'text', edit: half })).toMatchObject({ outcome: 'invalid' });
    const whole = { kind: 'text', text: 'y' } as const;
    expect(makeEdit({ ...order, kind: 'rich-text', edit: whole })).toMatchObject({ outcome: 'invalid' });
  });
});

describe('edits of spans', () => {
  const apply = (whole: Uint8Array, edits: readonly SpanEdit[], ...others: readonly Uint8Array[]) =>
    edit(whole, 'text', { kind: 'edits', edits }, ...others);

  it('[EDT2] are all made at the places of the base, in any order', () => {
    const whole = textOf({ insert: '0123456789' });
    const bens = typed(whole, (text) => text.insert(5, '😀'));
    const edits = [
      { at: 8, delete: 2 },
      { at: 2, insert: 'two' },
      { at: 2, delete: 1 },
      { at: 0, insert: '>' },
      { at: 10, insert: '<' },
    ];
    expect(apply(whole, edits).text).toBe('>01two34567<');
    expect(apply(whole, edits, bens).text).toBe('>01two34😀567<');
  });

  it('[EDT2] make of random edits what splicing a string does', () => {
    const random = createSeededRandom(9);
    const contents = createRandomContent(random);
    for (let run = 0; run < 150; run++) {
      const whole = toWhole('text', contents.plain());
      const base = toPlainText(load(whole).share.get('body'));
      const edits = createEdits(random, base);
      const wanted = edits.reduceRight(
        (text, { at, delete: deleted = 0, insert = '' }) =>
          text.slice(0, at) + insert + text.slice(at + deleted),
        base,
      );
      expect(apply(whole, edits).text).toBe(wanted);
    }
  });

  it.each<[string, readonly SpanEdit[]]>([
    [
      'overlap',
      [
        { at: 1, delete: 2 },
        { at: 2, delete: 1 },
      ],
    ],
    [
      'overlap at the same place',
      [
        { at: 1, delete: 1 },
        { at: 1, delete: 2 },
      ],
    ],
    [
      'insert within what is deleted',
      [
        { at: 0, delete: 3 },
        { at: 1, insert: 'x' },
      ],
    ],
    ['begin beyond the text', [{ at: 7, insert: 'x' }]],
    ['end beyond the text', [{ at: 5, delete: 2 }]],
    ['begin within a character', [{ at: 4, insert: 'x' }]],
    ['end within a character', [{ at: 0, delete: 4 }]],
    ['begin before the text', [{ at: -1, insert: 'x' }]],
    ['begin at no whole number', [{ at: 0.5, insert: 'x' }]],
    ['delete less than nothing', [{ at: 2, delete: -1 }]],
    ['begin nowhere', [{ at: NaN, insert: 'x' }]],
    ['insert half a character', [{ at: 0, insert: '\udc00' }]],
    ['are too many', Array.from({ length: 10_001 }, () => ({ at: 0, insert: 'x' }))],
  ])('[EDT5] that %s are refused', (_what, edits) => {
    const whole = textOf({ insert: 'abc😀d' });
    expect(makeEdit({ whole, field: 'body', kind: 'text', edit: { kind: 'edits', edits } })).toMatchObject({
      outcome: 'invalid',
      detail: expect.any(String),
    });
  });
});

function createEdits(random: SeededRandom, base: string): SpanEdit[] {
  const edits: SpanEdit[] = [];
  const places = Array.from(base).reduce<number[]>(
    (found, character) => [...found, (found.at(-1) ?? 0) + character.length],
    [0],
  );
  for (let index = 0; index < places.length; index += 1 + random.integer(4)) {
    const end = Math.min(places.length - 1, index + random.integer(3));
    const insert = random.oneOf([undefined, '', 'new', '😀']);
    edits.push({ at: places[index]!, delete: places[end]! - places[index]!, insert });
    index = end;
  }
  return edits;
}

describe('an edit under a client id of its own', () => {
  it('[EDT4] is not made again', () => {
    const order = {
      field: 'body',
      kind: 'text',
      client: 2 ** 50,
      edit: { kind: 'text', text: 'once' },
    } as const;
    const made = makeEdit({ whole: EMPTY, ...order });
    expect(makeEdit({ whole: EMPTY, ...order })).toEqual(made);
    if (made.outcome !== 'made') throw new Error('it was not made');
    expect(makeEdit({ whole: made.update, ...order })).toEqual({ outcome: 'repeated' });
  });

  it.each(['text', 'rich-text'] as const)(
    '[EDT4] of a %s leaves its mark where it writes nothing, also after the text was collected',
    (kind) => {
      const first: Json = kind === 'text' ? 'one' : { type: 'element', name: 'p', children: [] };
      const content = kind === 'text' ? [{ insert: first }] : [first, first];
      const whole = toWhole(kind, content);
      for (const target of [content, content.slice(1)]) {
        const order = {
          field: 'body',
          kind,
          client: 2 ** 50,
          edit: { kind: 'content', content: target },
        } as const;
        const made = makeEdit({ whole, ...order });
        const update =
          made.outcome === 'made' ? made.update : made.outcome === 'unchanged' ? made.mark : undefined;
        expect(judgeContent(update!, { kind, field: 'body' })).toMatchObject({ outcome: 'sound' });
        const collected = Y.encodeStateAsUpdate(load(whole, update!));
        expect(read(collected)).toEqual(read(toWhole(kind, target)));
        expect(makeEdit({ whole: collected, ...order })).toEqual({ outcome: 'repeated' });
      }
    },
  );
});
