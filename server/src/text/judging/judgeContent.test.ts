import type { TextKind } from '@weft/client/protocol';
import { describe, expect, it, test } from 'vitest';
import * as Y from 'yjs';
import {
  buildUpdate,
  collected,
  contents,
  type HandMadeContent,
  item,
  type Place,
  skipped,
  TYPES,
} from '../../../../test/support/updateBuilder.ts';
import { judgeContent } from './judgeContent.ts';
import { MAX_NAME_LENGTH, MAX_UPDATE_RUNS, MAX_VALUE_BYTES, MAX_VALUE_DEPTH } from './updateLimits.ts';

const LONG_RUN = 2 ** 24;

function judge(update: Uint8Array, kind: TextKind = 'text') {
  return judgeContent(update, { kind, field: 'body' }).outcome;
}

function judgeItem(kind: TextKind, content: HandMadeContent, place?: Place) {
  return judge(buildUpdate({ sections: [{ client: 7, structs: [item(content, place)] }] }), kind);
}

function judgeStructs(...structs: ReturnType<typeof item>[]) {
  return judge(buildUpdate({ sections: [{ client: 7, structs }] }));
}

const nestedJson = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** Five characters each, of which a document makes twenty-two. */
const shortNumbers = (count: number) => `[${Array<string>(count).fill('1e20').join()}]`;

/** Of four bytes, of which a document makes eight. */
const notNumbers = (count: number) => Array<number[]>(count).fill([124, 0x7f, 0xc0, 0, 0]).flat();

function nestedValue(depth: number): unknown[] {
  let value: unknown[] = [];
  for (let level = 1; level < depth; level++) value = [value];
  return value;
}

type Case = [name: string, content: HandMadeContent, place?: Place];

const IN_TEXT: Place = { parent: [3, 1] };

const BOTH: Case[] = [
  ['deleted text', contents.deleted(3)],
  ['formatting', contents.format('bold', 'true'), { after: [3, 1] }],
  ['an embedded value', contents.embed('{"image":"x"}'), { before: [3, 1] }],
  ['text beside other text', contents.string('abc'), { after: [3, 1], before: [4, 1] }],
];

const PLAIN: Case[] = [
  ['text', contents.string('abc')],
  ['formatting', contents.format('bold', 'true')],
  ['an embedded value', contents.embed('{"image":"x"}')],
];

const RICH: Case[] = [
  ['an XML element', contents.type(TYPES.element, 'paragraph')],
  ['an XML text', contents.type(TYPES.xmlText)],
  ['an XML hook', contents.type(TYPES.hook, 'hook')],
  ['a map', contents.type(TYPES.map)],
  ['a map as an attribute', contents.type(TYPES.map), { parent: [3, 1], key: '__state' }],
  ['text inside an XML text', contents.string('abc'), { parent: [3, 1] }],
  ['an attribute', contents.any(['x']), { parent: [3, 1], key: 'class' }],
  ['an attribute of the root', contents.any([{ a: [1, null] }]), { key: '__dir' }],
  ['a new value of an attribute', contents.any([1]), { after: [3, 1] }],
  ['an attribute of old', contents.json(['{"a":1}', 'undefined']), { parent: [3, 1], key: 'class' }],
];

const NEVER: Case[] = [
  ['an array', contents.type(TYPES.array)],
  ['a nested text', contents.type(TYPES.text)],
  ['a nested fragment', contents.type(TYPES.fragment)],
  ['a shared type of no kind', contents.type(9)],
  ['a sub-document', contents.document('guid')],
  ['a file', contents.binary(Uint8Array.of(1, 2))],
  ['a value in a list', contents.any(['x'])],
  ['a value of old in a list', contents.json(['1'])],
  ['text as an attribute', contents.string('abc'), { key: 'class' }],
  ['an embedded value as an attribute', contents.embed('{}'), { key: 'class' }],
  ['an element as an attribute', contents.type(TYPES.element, 'p'), { parent: [3, 1], key: 'class' }],
  ['content of no kind', contents.raw(11, 1)],
  ['content of the last kind', contents.raw(31, 1)],
  ['formatting that is no JSON', contents.format('bold', '{')],
  ['an embedded value that is no JSON', contents.embed('undefined')],
  ['text that is no UTF-8', contents.raw(4, 3, 0xed, 0xa0, 0x80)],
];

describe('what a text takes', () => {
  test.each(BOTH)('[CHK1] %s is in any text', (_name, content, place) => {
    expect([judgeItem('text', content, place), judgeItem('rich-text', content, place)]).toEqual([
      'sound',
      'sound',
    ]);
  });

  test.each(PLAIN)('[CHK1] %s is right in a plain text and not right in a rich one', (_name, content) => {
    expect([judgeItem('text', content), judgeItem('rich-text', content)]).toEqual(['sound', 'malformed']);
    expect(judgeItem('rich-text', content, { parent: [3, 1] })).toBe('sound');
  });

  test.each(RICH)('[CHK1] %s is in a rich text and in no plain one', (_name, content, place) => {
    expect([judgeItem('text', content, place), judgeItem('rich-text', content, place)]).toEqual([
      'malformed',
      'sound',
    ]);
  });

  test.each(NEVER)('[CHK1] %s is in no text', (_name, content, place) => {
    expect([judgeItem('text', content, place), judgeItem('rich-text', content, place)]).toEqual([
      'malformed',
      'malformed',
    ]);
  });

  it('[CHK1] nothing in a plain text is inside other content or under a key', () => {
    for (const place of [{ parent: [3, 1] }, { key: 'class' }, { parent: [3, 1], key: 'class' }] as const) {
      expect(judgeItem('text', contents.string('abc'), place)).toBe('malformed');
      expect(judgeItem('text', contents.deleted(1), place)).toBe('malformed');
    }
  });

  it('[CHK1] [RIC1] what a document makes of elements, texts, maps, attributes and embedded elements passes', () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [Uint8Array.of(0, 0)];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    const element = new Y.XmlElement('paragraph');
    // Yjs' types leave hooks out.
    const hook = new Y.XmlHook('hook') as unknown as Y.XmlElement;
    doc.getXmlFragment('body').push([element, hook]);
    element.setAttribute('class', 'a');
    element.setAttribute('class', 'b');
    const text = new Y.XmlText('hello');
    element.push([text]);
    text.format(1, 3, { bold: true, link: { href: 'x' } });
    text.insertEmbed(2, new Y.Map(Object.entries({ __type: 'text', __format: 3 })));
    text.insertEmbed(0, { image: 'x' });
    element.delete(0, 1);
    for (const update of [...updates, Y.encodeStateAsUpdate(doc), Y.mergeUpdates(updates)]) {
      expect(judge(update, 'rich-text')).toBe('sound');
    }
  });

  test.each(['', 'Body', 'body ', 'title', '__proto__', 'x'.repeat(100_000)])(
    '[CHK2] there is no root %#',
    (root) => {
      for (const content of [contents.string('abc'), contents.deleted(1), contents.embed('1')]) {
        expect(judgeItem('text', content, { root })).toBe('malformed');
        expect(judgeItem('rich-text', content, { root })).toBe('malformed');
      }
    },
  );

  it('[CHK5] no run without content is longer than 2^24', () => {
    const end = item(contents.string('x'));
    expect(judgeStructs(collected(LONG_RUN))).toBe('sound');
    expect(judgeStructs(collected(LONG_RUN + 1))).toBe('malformed');
    expect(judgeStructs(item(contents.deleted(LONG_RUN)))).toBe('sound');
    expect(judgeStructs(item(contents.deleted(LONG_RUN + 1)))).toBe('malformed');
    expect(judgeStructs(skipped(LONG_RUN), end)).toBe('sound');
    expect(judgeStructs(skipped(LONG_RUN + 1), end)).toBe('malformed');
  });

  it('[CHK5] judges no length but that of what is new, as documents join what was taken in parts', () => {
    const known = { deletedRuns: 0, clockOf: () => LONG_RUN };
    const judgeKnown = (...structs: ReturnType<typeof item>[]) =>
      judgeContent(
        buildUpdate({ sections: [{ client: 7, structs }] }),
        { kind: 'text', field: 'body' },
        known,
      ).outcome;
    for (const run of [collected, (length: number) => item(contents.deleted(length))]) {
      expect(judgeKnown(run(2 * LONG_RUN))).toBe('sound');
      expect(judgeKnown(run(2 * LONG_RUN + 1))).toBe('malformed');
      expect(judgeKnown(run(LONG_RUN - 5), run(LONG_RUN + 5))).toBe('sound');
      expect(judgeKnown(run(LONG_RUN), run(LONG_RUN + 1))).toBe('malformed');
    }
    expect(judgeKnown(skipped(2 * LONG_RUN), item(contents.string('x')))).toBe('sound');
  });

  it('[CHK5] no clock is beyond 2^31', () => {
    const at = (clock: number) => buildUpdate({ sections: [{ client: 7, clock, structs: [collected(5)] }] });
    expect(judge(at(2 ** 31 - 5))).toBe('sound');
    expect(judge(at(2 ** 31 - 4))).toBe('malformed');
    expect(judge(at(Number.MAX_SAFE_INTEGER - 2))).toBe('malformed');
    const deleted = (length: number) => buildUpdate({ deletions: [[7, [[0, length]]]] });
    expect([judge(deleted(2 ** 31)), judge(deleted(2 ** 31 + 1))]).toEqual(['sound', 'malformed']);
  });

  it('[CHK5] something follows what is left out', () => {
    const text = item(contents.string('x'));
    expect(judgeStructs(text, skipped(3), text)).toBe('sound');
    expect(judgeStructs(text, skipped(3))).toBe('malformed');
    expect(judgeStructs(skipped(3))).toBe('malformed');
  });

  it('[CHK6] [CHK9] an update has no more than 65,536 runs, structs and deleted ranges together', () => {
    const structs = (count: number) => Array.from({ length: count }, () => collected(1));
    const ranges = (count: number) => Array.from({ length: count }, (_, index) => [index * 2, 1] as const);
    const build = (count: number, deleted: number) =>
      buildUpdate({
        sections: [{ client: 7, structs: structs(count) }],
        deletions: [[7, ranges(deleted)]],
      });
    expect(judge(build(MAX_UPDATE_RUNS, 0))).toBe('sound');
    expect(judge(build(MAX_UPDATE_RUNS - 5, 5))).toBe('sound');
    expect(judge(build(MAX_UPDATE_RUNS + 1, 0))).toBe('too-big');
    expect(judge(build(MAX_UPDATE_RUNS - 5, 6))).toBe('too-big');
    expect(judge(buildUpdate({ deletions: [[7, ranges(MAX_UPDATE_RUNS + 1)]] }))).toBe('too-big');
  });

  it('[CHK6] the values of one struct and the clients of an update are limited as its runs are', () => {
    const values = Array.from({ length: MAX_UPDATE_RUNS * 4 }, () => null);
    expect(judgeItem('rich-text', contents.any(values), { key: 'a' })).toBe('too-big');
    expect(judgeItem('rich-text', contents.json(values.map(() => '1')), { key: 'a' })).toBe('too-big');
    const clients = Array.from({ length: MAX_UPDATE_RUNS }, (_, client) => [client, [[0, 1]]] as const);
    expect(judge(buildUpdate({ deletions: clients }))).toBe('too-big');
    const sections = (count: number) =>
      Array.from({ length: count }, (_, client) => ({ client: count - client, structs: [collected(1)] }));
    expect(judge(buildUpdate({ sections: sections(3_500) }))).toBe('sound');
    expect(judge(buildUpdate({ sections: sections(4_000) }))).toBe('too-big');
  });

  test.each<[string, (bytes: number) => [HandMadeContent, Place?]]>([
    ['a formatting value', (bytes) => [contents.format('a', JSON.stringify('x'.repeat(bytes - 2))), IN_TEXT]],
    ['an embedded value', (bytes) => [contents.embed(JSON.stringify('x'.repeat(bytes - 2))), IN_TEXT]],
    // Its type and its length take four bytes.
    ['an attribute', (bytes) => [contents.any(['x'.repeat(bytes - 4)]), { key: 'a' }]],
    ['an attribute of many values', (bytes) => [contents.any([Array(bytes - 4).fill(null)]), { key: 'a' }]],
    [
      'an attribute of old',
      (bytes) => [contents.json([JSON.stringify('x'.repeat(bytes - 2))]), { key: 'a' }],
    ],
  ])('[CHK6] %s takes no more than 64 KiB', (_name, build) => {
    expect(judgeItem('rich-text', ...build(MAX_VALUE_BYTES))).toBe('sound');
    expect(judgeItem('rich-text', ...build(MAX_VALUE_BYTES + 1))).toBe('too-big');
    expect(judgeItem('rich-text', ...build(1024 * 1024))).toBe('too-big');
  });

  test.each<[string, HandMadeContent, Place]>([
    ['a formatting value', contents.format('a', shortNumbers(12_000)), IN_TEXT],
    ['an embedded value', contents.embed(shortNumbers(12_000)), IN_TEXT],
    ['an attribute of old', contents.json([shortNumbers(12_000)]), { key: 'a' }],
    ['an attribute', contents.raw(8, 1, 117, 0xe0, 0x5d, ...notNumbers(12_000)), { key: 'a' }],
  ])(
    '[CHK6] %s takes no more than 64 KiB either when a document writes it again',
    (_name, content, place) => {
      const update = buildUpdate({ sections: [{ client: 7, structs: [item(content, place)] }] });
      expect(update.length).toBeGreaterThan(48 * 1024);
      expect(update.length).toBeLessThan(MAX_VALUE_BYTES);
      expect(judge(update, 'rich-text')).toBe('too-big');
    },
  );

  test.each<[string, (depth: number) => [HandMadeContent, Place?]]>([
    ['a formatting value', (depth) => [contents.format('a', nestedJson(depth)), IN_TEXT]],
    ['an embedded value', (depth) => [contents.embed(nestedJson(depth)), IN_TEXT]],
    ['an attribute', (depth) => [contents.any([nestedValue(depth)]), { key: 'a' }]],
    ['an attribute of old', (depth) => [contents.json([nestedJson(depth)]), { key: 'a' }]],
  ])('[CHK6] %s is nested no deeper than 64 levels', (_name, build) => {
    expect(judgeItem('rich-text', ...build(MAX_VALUE_DEPTH))).toBe('sound');
    expect(judgeItem('rich-text', ...build(MAX_VALUE_DEPTH + 1))).toBe('malformed');
    expect(judgeItem('rich-text', ...build(5_000))).toBe('malformed');
  });

  it('[CHK6] a name is no longer than a name is', () => {
    const longest = 'x'.repeat(MAX_NAME_LENGTH);
    for (const [name, outcome] of [
      [longest, 'sound'],
      [`${longest}x`, 'too-big'],
    ] as const) {
      expect(judgeItem('text', contents.format(name, 'true'))).toBe(outcome);
      expect(judgeItem('rich-text', contents.type(TYPES.element, name))).toBe(outcome);
      expect(judgeItem('rich-text', contents.type(TYPES.hook, name))).toBe(outcome);
      expect(judgeItem('rich-text', contents.any([1]), { key: name })).toBe(outcome);
    }
  });

  it('[CHK9] gives up at the limit, whatever an update claims or holds', () => {
    const megabytes = 8 * 1024 * 1024;
    for (const claim of [2 ** 32, Number.MAX_SAFE_INTEGER]) {
      const number = buildUpdate({ deletions: [[claim, []]] }).subarray(2, -1);
      for (let ref = 0; ref <= 10; ref++) {
        expect(judgeItem('rich-text', contents.raw(ref, ...number))).not.toBe('sound');
      }
      for (const start of [
        [],
        [1],
        [1, 1],
        [1, 1, 7],
        [0],
        [0, 1],
        [0, 1, 7],
        [0, 1, 7, 1],
        [0, 1, 7, 1, 0],
      ]) {
        expect(judge(Uint8Array.of(...start, ...number))).toBe('malformed');
      }
    }
    const tiny = new Uint8Array(megabytes).fill(1);
    // Four million collected runs, of one clock each, of one client.
    tiny.set([1, 0x80, 0x80, 0x80, 2, 7, 0]);
    for (let index = 7; index < megabytes; index += 2) tiny[index] = 0;
    expect(judge(tiny)).toBe('too-big');
    // Numbers of a megabyte; those of many zeros are no number at all.
    for (const start of [[], [1], [1, 1], [1, 1, 7], [1, 1, 7, 0, 0], [0, 1], [0, 1, 7, 1]]) {
      const bytes = new Uint8Array(megabytes).fill(0x80);
      bytes.set(start);
      bytes[megabytes - 1] = 0;
      expect(judge(bytes)).toBe('malformed');
    }
  });

  it('[CHK9] takes no number of too many zeros for one', () => {
    const zeros = [...Array<number>(200).fill(0x80), 0];
    const noDeletions = 0;
    expect(judge(Uint8Array.of(1, 1, ...zeros, 0, 0, 1, noDeletions))).toBe('malformed');
    expect(judge(Uint8Array.of(1, 1, 7, ...zeros, 0, 1, noDeletions))).toBe('malformed');
    expect(judge(Uint8Array.of(1, 1, 7, 0, 0, ...zeros, noDeletions))).toBe('malformed');
    expect(judge(Uint8Array.of(1, 1, 7, 0, 0x84, ...zeros, 0, 1, 97, noDeletions))).toBe('malformed');
    expect(judge(Uint8Array.of(0, 1, ...zeros, 1, 0, 1))).toBe('malformed');
    expect(judge(Uint8Array.of(0, 1, 7, 1, ...zeros, 1))).toBe('malformed');
  });

  it('[CHK9] refuses what is cut at any byte', () => {
    const whole = buildUpdate({
      sections: [
        {
          client: 9,
          structs: [
            item(contents.type(TYPES.element, 'p')),
            item(contents.any([{ a: [1.5, 'x'] }]), { parent: [9, 0], key: 'a' }),
          ],
        },
        {
          client: 7,
          clock: 200,
          structs: [item(contents.string('añ'), { after: [300, 300], before: [9, 0] }), collected(3)],
        },
      ],
      deletions: [
        [
          9,
          [
            [0, 1],
            [300, 200],
          ],
        ],
      ],
    });
    expect(judge(whole, 'rich-text')).toBe('sound');
    for (let length = 0; length < whole.length; length++) {
      expect(judge(whole.subarray(0, length), 'rich-text')).toBe('malformed');
    }
    expect(judge(Uint8Array.of(...whole, 0), 'rich-text')).toBe('malformed');
  });
});
