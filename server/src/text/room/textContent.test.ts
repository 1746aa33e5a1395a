import type { TextKind } from '@weft/client/protocol';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createSeededRandom, type SeededRandom } from '../../../../test/support/seededRandom.ts';
import {
  buildUpdate,
  collected,
  contents,
  item,
  skipped,
  TYPES,
} from '../../../../test/support/updateBuilder.ts';
import { createUpdateDecoder } from '../update/decodeUpdate.ts';
import { EMPTY_TEXT, type LoadedText } from '../stored/loadText.ts';
import { EMPTY_UPDATE } from '../update/mergeUpdates.ts';
import { TextContent } from './textContent.ts';
import { MAX_NESTING, MAX_OWN_NESTING, MAX_UPDATE_RUNS } from '../judging/updateLimits.ts';

const decode = createUpdateDecoder();

function load(text: Partial<LoadedText> = {}, kind: TextKind = 'text'): TextContent {
  return new TextContent({ decode, text: { ...EMPTY_TEXT, ...text }, kind, field: 'body' });
}

/** A client that keeps the update of each of its edits. */
function createEditor(clientId: number) {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'remote') updates.push(update);
  });
  return {
    doc,
    get text() {
      return doc.getText('body');
    },
    updates,
  };
}

/** Takes an update and keeps what is accepted, as a room does once it is durable. */
function take(content: TextContent, update: Uint8Array, user: string) {
  const taken = content.take(update, user);
  if (taken.outcome === 'accepted') content.append(taken.update, 0n);
  return taken;
}

/** What the text's bytes make of a document. */
function toDoc(content: TextContent): Y.Doc {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, content.log.whole());
  expect([doc.store.pendingStructs, doc.store.pendingDs]).toEqual([null, null]);
  return doc;
}

function expectEqual(one: Y.Doc, other: Y.Doc): void {
  expect(one.getText('body').toDelta()).toEqual(other.getText('body').toDelta());
  expect(Y.equalSnapshots(Y.snapshot(one), Y.snapshot(other))).toBe(true);
}

describe('the owner of a client id', () => {
  it('[CHK3] is who brought content under it first', () => {
    const content = load();
    const ada = createEditor(7);
    ada.text.insert(0, 'hello');
    expect(take(content, ada.updates[0]!, 'ada').outcome).toBe('accepted');
    ada.text.insert(5, '!');
    const before = content.log.whole();

    expect(take(content, ada.updates[1]!, 'eve')).toEqual({ outcome: 'foreign', client: 7 });
    expect(content.log.whole()).toEqual(before);
    expect(content.describe().owners).toEqual(new Map([[7, 'ada']]));
    expect(take(content, ada.updates[1]!, 'ada').outcome).toBe('accepted');
  });

  it.each([
    ['text', item(contents.string('x'), { after: [7, 3] })],
    ['a collected run', collected(3)],
    ['a deleted run', item(contents.deleted(3), { after: [7, 3] })],
  ])('[CHK3] is the only one to bring %s at its clock or beyond', (_name, struct) => {
    const content = load();
    const ada = createEditor(7);
    ada.text.insert(0, 'hello');
    take(content, ada.updates[0]!, 'ada');
    const text = item(contents.string('x'), { after: [7, 3] });
    for (const forged of [
      { client: 7, clock: 5, structs: [struct] },
      { client: 7, clock: 4, structs: [struct, struct] },
      { client: 7, clock: 9, structs: [struct] },
      { client: 7, clock: 0, structs: [collected(5), struct] },
      { client: 7, clock: 5, structs: [skipped(9), text] },
    ]) {
      expect(take(content, buildUpdate({ sections: [forged] }), 'eve').outcome).toBe('foreign');
      const own = item(contents.string('x'));
      const together = buildUpdate({ sections: [{ client: 9, structs: [own] }, forged] });
      expect(take(content, together, 'eve').outcome).toBe('foreign');
    }
    expect(content.describe().owners.has(9)).toBe(false);
    expect(toDoc(content).getText('body').toJSON()).toBe('hello');
  });

  it('[CHK3] may be repeated by anybody, and what is under it deleted', () => {
    const content = load();
    const ada = createEditor(7);
    ada.text.insert(0, 'hello');
    take(content, ada.updates[0]!, 'ada');
    const ben = createEditor(9);
    Y.applyUpdate(ben.doc, ada.updates[0]!, 'remote');
    ben.text.delete(0, 4);
    ben.text.insert(1, '!');

    expect(take(content, ada.updates[0]!, 'ben').outcome).toBe('known');
    expect(take(content, Y.encodeStateAsUpdate(ben.doc), 'ben').outcome).toBe('accepted');
    expect(toDoc(content).getText('body').toJSON()).toBe('o!');
    expect(content.describe().owners).toEqual(
      new Map([
        [7, 'ada'],
        [9, 'ben'],
      ]),
    );
  });

  it('[CHK3] is claimed by nothing that is not accepted', () => {
    const content = load();
    const gap = buildUpdate({ sections: [{ client: 7, clock: 3, structs: [collected(1)] }] });
    expect(take(content, gap, 'eve').outcome).toBe('incomplete');
    const ada = createEditor(7);
    ada.text.insert(0, 'hello');
    expect(take(content, ada.updates[0]!, 'ada').outcome).toBe('accepted');
  });

  it('[CHK3] is the same in a text that was loaded; nobody’s belongs to who comes first', () => {
    const ada = createEditor(7);
    ada.text.insert(0, 'hello');
    const update = Y.encodeStateAsUpdate(ada.doc);
    ada.text.insert(5, '!');
    const owned = load({ update, owners: new Map([[7, 'ada']]) });
    expect(take(owned, ada.updates[1]!, 'eve').outcome).toBe('foreign');
    const unowned = load({ update });
    expect(take(unowned, ada.updates[1]!, 'ben').outcome).toBe('accepted');
    ada.text.insert(6, '!');
    expect(take(unowned, ada.updates[2]!, 'ada').outcome).toBe('foreign');
  });
});

describe('what an update repeats', () => {
  it('[CHK4] is not stored again, and a keystroke is stored as it came', () => {
    const content = load();
    const ada = createEditor(7);
    for (const letters of ['abc', 'def']) ada.text.insert(ada.text.length, letters);
    ada.text.delete(0, 2);
    expect(ada.updates.map((update) => take(content, update, 'ada'))).toEqual(
      ada.updates.map((update) => ({ outcome: 'accepted', update })),
    );
    ada.text.insert(4, 'ghi');
    ada.text.delete(0, 1);
    const taken = take(content, Y.encodeStateAsUpdate(ada.doc), 'ada');
    // What was typed last, and of the deletions the run that has grown.
    const added = Y.mergeUpdates([ada.updates[3]!, buildUpdate({ deletions: [[7, [[0, 3]]]] })]);
    expect(taken).toEqual({ outcome: 'accepted', update: added });
    expectEqual(toDoc(content), ada.doc);
  });

  it('[CHK4] is cut out of the middle of a run', () => {
    const content = load();
    const ada = createEditor(7);
    ada.text.insert(0, 'ab');
    take(content, ada.updates[0]!, 'ada');
    const forged = item(contents.string('XYc'));
    expect(take(content, buildUpdate({ sections: [{ client: 7, structs: [forged] }] }), 'ada')).toEqual({
      outcome: 'accepted',
      update: buildUpdate({
        sections: [{ client: 7, clock: 2, structs: [item(contents.string('c'), { after: [7, 1] })] }],
      }),
    });
    expect(toDoc(content).getText('body').toJSON()).toBe('abc');
  });

  it('[CHK4] replaces nothing, whatever somebody makes of it', () => {
    const random = createSeededRandom();
    const outcomes = new Map<string, number>();
    for (let round = 0; round < 40; round++) {
      const content = load();
      const honest = new Y.Doc();
      const editors = [3, 500, 70_000].map(createEditor);
      for (let step = 0; step < 40; step++) {
        const editor = random.oneOf(editors);
        const update = edit(editor, random);
        const user = String(editor.doc.clientID);
        const known = Y.decodeStateVector(content.encodeStateVector());
        for (const forger of ['eve', user]) {
          const forged = forge(known, random);
          const { outcome } = take(content, forged, forger);
          expect(['known', 'incomplete']).toContain(outcome);
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
        const sent =
          random.integer(2) === 0 ? update : disguise(update, editor.doc.clientID, { known, random });
        take(content, sent, user);
        Y.applyUpdate(honest, update);
        for (const { doc } of editors) Y.applyUpdate(doc, update, 'remote');
      }
      expectEqual(toDoc(content), honest);
    }
    expect(outcomes.get('known')).toBeGreaterThan(100);
  });
});

/** An edit of one client, as the update that it sends. */
function edit({ text, updates }: ReturnType<typeof createEditor>, random: SeededRandom): Uint8Array {
  const at = random.integer(text.length + 1);
  if (text.length - at > 2 && random.integer(3) === 0) text.delete(at, 1 + random.integer(2));
  else if (random.integer(6) === 0) text.insertEmbed(at, { n: random.integer(9) });
  else if (text.length - at > 2 && random.integer(5) === 0)
    text.format(at, 2, { bold: random.integer(2) === 0 });
  else text.insert(at, random.oneOf(['a', 'bc', 'def', '😀']));
  return updates.at(-1) ?? EMPTY_UPDATE;
}

/** Known clocks of a client as other content with other boundaries. */
function forgeStructs(from: number, to: number, random: SeededRandom) {
  const structs = [];
  for (let clock = from; clock < to;) {
    const length = 1 + random.integer(to - clock);
    structs.push(
      random.oneOf([
        collected(length),
        item(contents.deleted(length)),
        item(contents.string('X'.repeat(length))),
        item(contents.string('😈'.repeat(length).slice(0, length))),
      ]),
    );
    clock += length;
  }
  return structs;
}

function forge(known: ReadonlyMap<number, number>, random: SeededRandom): Uint8Array {
  const sections = [...known]
    .filter(() => random.integer(2) === 0)
    .sort(([one], [other]) => other - one)
    .map(([client, clock]) => {
      const from = random.integer(clock);
      return { client, clock: from, structs: forgeStructs(from, clock, random) };
    });
  return buildUpdate({ sections });
}

type Disguise = { readonly known: ReadonlyMap<number, number>; readonly random: SeededRandom };

/** An honest update of a client behind forged content of its known clocks. */
function disguise(update: Uint8Array, client: number, { known, random }: Disguise): Uint8Array {
  const clock = known.get(client) ?? 0;
  const from = random.integer(clock + 1);
  const own = decode(update)?.sections.find((section) => section.client === client);
  if (from === clock || own?.structs[0]?.id.clock !== clock) return update;
  const forged = buildUpdate({
    sections: [{ client, clock: from, structs: forgeStructs(from, clock, random) }],
  });
  return Y.mergeUpdates([forged, update]);
}

describe('a rich text', () => {
  const element = item(contents.type(TYPES.element, 'p'));
  const attribute = item(contents.any(['x']), { parent: [9, 0], key: 'class' });
  const text = item(contents.type(TYPES.xmlText), { parent: [9, 0] });
  const letters = item(contents.string('abc'), { parent: [9, 2] });
  const section = { client: 9, structs: [element, attribute, text, letters] };

  it.each([
    ['a value beside an element', item(contents.any(['x']), { after: [9, 0] })],
    ['a value before an element', item(contents.any(['x']), { before: [9, 0] })],
    ['a value in a text', item(contents.any(['x']), { after: [9, 4] })],
    ['a value of old in a text', item(contents.json(['1']), { after: [9, 3], before: [9, 4] })],
    ['text beside an attribute', item(contents.string('x'), { after: [9, 1] })],
    ['an embedded value beside an attribute', item(contents.embed('{}'), { before: [9, 1] })],
  ])('[CHK1] is refused %s, and stays as it was', (_name, struct) => {
    const content = load({}, 'rich-text');
    take(content, buildUpdate({ sections: [section] }), 'ada');
    const forged = buildUpdate({ sections: [{ client: 11, structs: [element, struct] }] });
    const before = content.log.whole();
    expect(take(content, forged, 'eve').outcome).toBe('malformed');
    const together = buildUpdate({ sections: [{ client: 11, structs: [struct] }, section] });
    expect(take(load({}, 'rich-text'), together, 'eve').outcome).toBe('malformed');
    const loaded = load({ update: before }, 'rich-text');
    expect(take(loaded, forged, 'eve').outcome).toBe('malformed');
    expect(content.log.whole()).toEqual(before);
    const sound = buildUpdate({ sections: [{ client: 11, structs: [element] }] });
    expect(take(content, sound, 'ben').outcome).toBe('accepted');
    const beside = item(contents.string('x'), { after: [9, 3] });
    const next = buildUpdate({ sections: [{ client: 11, clock: 1, structs: [beside] }] });
    expect(take(content, next, 'ben').outcome).toBe('accepted');
  });

  it('[CHK1] remembers nothing of where refused content would have been', () => {
    const content = load({}, 'rich-text');
    const send = (client: number, clock: number, ...structs: ReturnType<typeof item>[]) =>
      take(content, buildUpdate({ sections: [{ client, clock, structs }] }), String(client)).outcome;
    const valueAmongText = item(contents.any(['x']), { after: [9, 3] });
    const newValue = item(contents.any(['y']), { after: [9, 1] });
    take(content, buildUpdate({ sections: [section] }), '9');

    expect(send(11, 0, element, newValue, valueAmongText)).toBe('malformed');
    expect(send(11, 0, item(contents.string('abc'), { after: [9, 3] }))).toBe('accepted');
    expect(send(11, 3, item(contents.string('d'), { after: [11, 1] }))).toBe('accepted');

    expect(send(9, 6, item(contents.string('defg'), { after: [9, 5] }), valueAmongText)).toBe('malformed');
    expect(send(9, 6, newValue)).toBe('accepted');
    expect(send(9, 7, item(contents.string('x'), { after: [9, 6] }))).toBe('malformed');
    expect(send(9, 7, item(contents.any(['z']), { after: [9, 6] }))).toBe('accepted');
  });

  describe('whose content is nested', () => {
    const nest = (from: number, to: number, client = 9) => {
      const parent = (level: number) =>
        level <= from ? ([9, level - 1] as const) : ([client, level - 1] as const);
      const structs = Array.from({ length: to - from }, (_, index) => {
        const level = from + index;
        return level === 0 ? element : item(contents.type(TYPES.element, 'p'), { parent: parent(level) });
      });
      return { client, clock: from, structs };
    };
    const levels = (from: number, to: number) => buildUpdate({ sections: [nest(from, to)] });

    it('[CHK6] is not nested deeper than one person ever needs', () => {
      expect(take(load({}, 'rich-text'), levels(0, MAX_OWN_NESTING), 'ada').outcome).toBe('accepted');
      expect(take(load({}, 'rich-text'), levels(0, MAX_OWN_NESTING + 1), 'ada').outcome).toBe('malformed');
      const content = load({}, 'rich-text');
      take(content, levels(0, 100), 'ada');
      const loaded = load({ update: content.log.whole(), owners: new Map([[9, 'ada']]) }, 'rich-text');
      for (const text of [content, loaded]) {
        expect(take(text, levels(100, 20_000), 'ada').outcome).toBe('malformed');
        expect(take(text, levels(100, MAX_OWN_NESTING), 'ada').outcome).toBe('accepted');
        expect(take(text, levels(MAX_OWN_NESTING, MAX_OWN_NESTING + 1), 'ada').outcome).toBe('malformed');
      }
    });

    it('[CHK6] is no obstacle to others, up to what a document can delete', () => {
      const content = load({}, 'rich-text');
      take(content, levels(0, MAX_OWN_NESTING), 'eve');
      const deepest = [9, MAX_OWN_NESTING - 1] as const;
      const inside = (client: number, count: number) => {
        const structs = Array.from({ length: count }, (_, level) =>
          item(contents.type(TYPES.xmlText), { parent: level === 0 ? deepest : [client, level - 1] }),
        );
        return buildUpdate({ sections: [{ client, structs }] });
      };
      const room = MAX_NESTING - MAX_OWN_NESTING;
      expect(take(content, inside(11, room), 'ada').outcome).toBe('accepted');
      const last = [11, room - 1] as const;
      const text = item(contents.string('deep'), { parent: last });
      const within = item(contents.type(TYPES.xmlText), { parent: last });
      const send = (struct: typeof text) =>
        take(content, buildUpdate({ sections: [{ client: 12, structs: [struct] }] }), 'ben').outcome;
      expect(send(within)).toBe('malformed');
      expect(send(text)).toBe('accepted');
    });

    it('[CHK6] is deleted and collected by a document, ten times as deep as it may be', () => {
      const doc = new Y.Doc();
      Y.applyUpdate(doc, levels(0, 10 * MAX_NESTING));
      const fragment = doc.getXmlFragment('body');
      expect(() => fragment.delete(0, 1)).not.toThrow();
      expect(
        doc.store.clients
          .get(9)
          ?.slice(1)
          .every((struct) => struct instanceof Y.GC),
      ).toBe(true);
    });
  });

  describe('beside what is in two places', () => {
    // Two elements, a text in the first and one in the second.
    const two = {
      client: 9,
      structs: [
        element,
        item(contents.type(TYPES.element, 'p'), { after: [9, 0] }),
        item(contents.type(TYPES.xmlText), { parent: [9, 0] }),
        item(contents.type(TYPES.xmlText), { parent: [9, 1] }),
        item(contents.any(['x']), { parent: [9, 0], key: 'a' }),
        item(contents.any(['x']), { parent: [9, 0], key: 'b' }),
      ],
    };
    const between = (
      after: readonly [number, number],
      before: readonly [number, number],
      content = contents.type(TYPES.xmlText),
    ) => buildUpdate({ sections: [{ client: 11, structs: [item(content, { after, before })] }] });
    const deleteFirst = buildUpdate({ deletions: [[9, [[0, 1]]]] });

    function open(...more: Uint8Array[]): TextContent {
      const content = load({}, 'rich-text');
      take(content, buildUpdate({ sections: [two] }), 'ada');
      for (const update of more) expect(take(content, update, 'ada').outcome).toBe('accepted');
      return content;
    }

    /** As it is after a snapshot. */
    function reload(content: TextContent): TextContent {
      return load({ update: Y.encodeStateAsUpdate(toDoc(content)) }, 'rich-text');
    }

    it.each([
      ['two elements', between([9, 2], [9, 3])],
      ['an element and what it is in', between([9, 0], [9, 2])],
      ['two keys', between([9, 4], [9, 5], contents.any([1]))],
      ['a sequence and a key', between([9, 2], [9, 4], contents.deleted(1))],
    ])('[CHK1] is no content: %s', (_name, update) => {
      expect(take(open(), update, 'eve').outcome).toBe('malformed');
      // Documents that have not collected it would still take it for what is in the first.
      expect(take(open(deleteFirst), update, 'eve').outcome).toBe('malformed');
    });

    it('[CHK1] is no content: what is there on the left and was collected on the right', () => {
      const deletedLeft = between([9, 2], [9, 3]);
      const deletedRight = between([9, 3], [9, 2]);
      const collecting = reload(open(deleteFirst));
      expect(take(collecting, deletedRight, 'eve').outcome).toBe('malformed');
      // Collected on the left it is deleted content, or none, for everybody.
      expect(take(collecting, deletedLeft, 'eve').outcome).toBe('accepted');
      expect(toDoc(collecting).getXmlFragment('body').toString()).toBe('<p></p>');
    });

    it('[CHK1] is no content: in what holds none', () => {
      const inside = (clock: number) =>
        buildUpdate({
          sections: [{ client: 11, structs: [item(contents.string('x'), { parent: [9, clock] })] }],
        });
      expect(take(open(), inside(4), 'eve').outcome).toBe('malformed');
      expect(take(open(), inside(1), 'eve').outcome).toBe('malformed');
      expect(take(open(), inside(3), 'eve').outcome).toBe('accepted');
      // A type that was deleted is none any more after a snapshot; who does not know yet types on in it.
      expect(take(reload(open(deleteFirst)), inside(0), 'ben').outcome).toBe('accepted');
    });

    it('[CHK1] what was made and deleted offline may be referred to with what is deleted around it', () => {
      const content = open();
      const offline = buildUpdate({
        sections: [{ client: 10, structs: [collected(1)] }],
        deletions: [[9, [[0, 1]]]],
      });
      expect(take(content, between([9, 2], [10, 0]), 'ada').outcome).toBe('incomplete');
      expect(take(open(), Y.mergeUpdates([between([9, 2], [10, 0]), offline]), 'ada').outcome).toBe(
        'accepted',
      );
      expect(take(content, offline, 'ada').outcome).toBe('accepted');
      expect(take(content, between([9, 2], [10, 0]), 'ben').outcome).toBe('accepted');
      expect(take(content, between([9, 3], [10, 0]), 'ben').outcome).not.toBe('accepted');
    });

    it('[CHK1] is no value: several under one key, unless all of them were replaced', () => {
      const values = { client: 11, structs: [item(contents.any([1, 2]), { parent: [9, 0], key: 'c' })] };
      expect(take(open(), buildUpdate({ sections: [values] }), 'eve').outcome).toBe('malformed');
      const half = buildUpdate({ sections: [values], deletions: [[11, [[0, 1]]]] });
      expect(take(open(), half, 'eve').outcome).toBe('malformed');
      const doc = new Y.Doc({ gc: false });
      const node = new Y.XmlElement('p');
      doc.getXmlFragment('body').push([node]);
      for (const value of ['1', '2', '3', '4']) node.setAttribute('level', value);
      expect(decode(Y.encodeStateAsUpdate(doc))?.sections[0]?.structs.map(({ length }) => length)).toEqual([
        1, 3, 1,
      ]);
      expect(take(load({}, 'rich-text'), Y.encodeStateAsUpdate(doc), 'ada').outcome).toBe('accepted');
    });

    it('[CHK1] [CHK4] what is cut off is where it was cut from', () => {
      const content = open();
      const letters = (text: string, place: Parameters<typeof item>[1]) =>
        buildUpdate({ sections: [{ client: 11, structs: [item(contents.string(text), place)] }] });
      expect(take(content, letters('ab', { parent: [9, 2] }), 'eve').outcome).toBe('accepted');
      expect(take(content, letters('abc', { after: [9, 1] }), 'eve').outcome).toBe('accepted');
      expect(take(content, letters('abcd', { before: [9, 3] }), 'eve').outcome).toBe('malformed');
    });
  });

  it.each([
    ['text among elements', item(contents.string('x'), { after: [9, 2] })],
    ['text in an element', item(contents.string('x'), { parent: [9, 0] })],
    ['formatting in an element', item(contents.format('b', '1'), { before: [9, 2] })],
    ['an embedded value in the root', item(contents.embed('{}'), { after: [9, 0] })],
    ['an element in a map', item(contents.type(TYPES.element, 'p'), { parent: [9, 6] })],
    ['a list as an attribute', item(contents.type(TYPES.xmlText), { parent: [9, 0], key: 'a' })],
  ])('[CHK1] has no %s', (_name, struct) => {
    const content = load({}, 'rich-text');
    const map = item(contents.type(TYPES.map), { after: [9, 5] });
    take(content, buildUpdate({ sections: [{ ...section, structs: [...section.structs, map] }] }), 'ada');
    const sent = buildUpdate({ sections: [{ client: 11, structs: [struct] }] });
    expect(take(content, sent, 'eve').outcome).toBe('malformed');
  });

  it('[CHK1] [RIC1] is what several people make of it, also offline and after snapshots', () => {
    const random = createSeededRandom(1);
    const lengths: number[] = [];
    for (let round = 0; round < 20; round++) {
      let content = load({}, 'rich-text');
      const editors = [3, 500, 70_000].map(createEditor);
      for (let step = 0; step < 60; step++) {
        const { doc } = random.oneOf(editors);
        editRich(doc.getXmlFragment('body'), random);
        if (random.integer(3) > 0) continue;
        const state = Y.decodeStateVector(content.encodeStateVector());
        const update = Y.encodeStateAsUpdate(doc, Y.encodeStateVector(state));
        expect(['accepted', 'known']).toContain(take(content, update, String(doc.clientID)).outcome);
        Y.applyUpdate(doc, content.log.whole(), 'remote');
        if (random.integer(4) > 0) continue;
        content = load({ update: Y.encodeStateAsUpdate(toDoc(content)) }, 'rich-text');
      }
      for (const { doc } of editors) take(content, Y.encodeStateAsUpdate(doc), String(doc.clientID));
      for (const { doc } of editors) Y.applyUpdate(doc, content.log.whole(), 'remote');
      const [first, ...others] = editors.map(({ doc }) => doc.getXmlFragment('body').toJSON());
      expect(others).toEqual([first, first]);
      lengths.push(first?.length ?? 0);
      expect(toDoc(content).getXmlFragment('body').toJSON()).toBe(first);
    }
    expect(Math.max(...lengths)).toBeGreaterThan(100);
  });
});

/** Inserts, deletes or changes something somewhere in a fragment. */
function editRich(fragment: Y.XmlFragment | Y.XmlElement, random: SeededRandom): void {
  const at = random.integer(fragment.length + 1);
  const child: unknown = fragment.get(at);
  const choice = random.integer(6);
  if (child instanceof Y.XmlElement && choice < 3) {
    if (choice === 0) child.setAttribute('class', `c${random.integer(9)}`);
    else editRich(child, random);
  } else if (child instanceof Y.XmlText && choice < 4) {
    if (choice === 0) child.insertEmbed(0, new Y.Map([['type', 'mention']]));
    else if (choice === 1) child.setAttribute('dir', 'rtl');
    else if (choice === 2) child.format(0, child.length, { bold: true });
    else child.insert(random.integer(child.length + 1), 'abc');
  } else if (choice === 5 && at < fragment.length) fragment.delete(at, 1);
  else fragment.insert(at, [choice % 2 === 0 ? new Y.XmlElement('p') : new Y.XmlText('text')]);
}

describe('a text of another epoch', () => {
  const retired = new Set([7]);

  it('[EPO3] takes no content of an earlier one, and nothing that depends on it', () => {
    const content = load({ retired, epoch: 'e2' });
    const old = createEditor(7);
    old.text.insert(0, 'hello');
    const fresh = createEditor(9);
    fresh.text.insert(0, 'new');
    expect(take(content, old.updates[0]!, 'ada').outcome).toBe('other-epoch');
    expect(take(content, Y.mergeUpdates([old.updates[0]!, fresh.updates[0]!]), 'ada').outcome).toBe(
      'other-epoch',
    );
    const beside = item(contents.string('x'), { after: [7, 2] });
    const dependent = buildUpdate({ sections: [{ client: 9, structs: [beside] }] });
    expect(take(content, dependent, 'ada').outcome).toBe('other-epoch');
    const deletion = buildUpdate({ deletions: [[7, [[0, 2]]]] });
    expect(take(content, deletion, 'ada').outcome).toBe('other-epoch');
    expect(toDoc(content).getText('body').toJSON()).toBe('');
    expect(take(content, fresh.updates[0]!, 'ada').outcome).toBe('accepted');
    expect(content.describe()).toEqual({ epoch: 'e2', retired, owners: new Map([[9, 'ada']]) });
  });

  it('[EPO3] tells nothing to who has content of an earlier one', () => {
    const content = load({ retired });
    const old = createEditor(7);
    old.text.insert(0, 'hello');
    expect(content.diff(Y.encodeStateVector(old.doc))).toEqual({ outcome: 'other-epoch' });
    expect(content.diff(Uint8Array.of(0))).toEqual({ outcome: 'update', update: EMPTY_UPDATE });
  });
});

it('[CHK6] who reconnects may repeat all deletions, however many there are', () => {
  const content = load();
  const count = MAX_UPDATE_RUNS - 10;
  const deletions = (from: number, to: number) =>
    [[7, Array.from({ length: to - from }, (_, index) => [(from + index) * 2, 1] as const)]] as const;
  const written = { client: 7, structs: [item(contents.string('x'.repeat(count * 4)))] };
  take(content, buildUpdate({ sections: [written] }), 'ada');
  expect(take(content, buildUpdate({ deletions: deletions(0, count) }), 'ada').outcome).toBe('accepted');
  expect(take(content, buildUpdate({ deletions: deletions(count, count + 500) }), 'ada').outcome).toBe(
    'accepted',
  );
  expect(take(content, buildUpdate({ deletions: deletions(0, count + 500) }), 'ada').outcome).toBe('known');
  const edit = { client: 8, structs: [item(contents.string('y'))] };
  const coming = buildUpdate({ sections: [edit], deletions: deletions(0, count + 500) });
  expect(take(content, coming, 'bob').outcome).toBe('accepted');
});

it('[CHK6] who was away may repeat deletions that have become one since', () => {
  const content = load();
  const count = MAX_UPDATE_RUNS - 10;
  const ranges = (from: number) =>
    Array.from({ length: count }, (_, index) => [from + index * 2, 1] as const);
  const send = (deletions: readonly (readonly [number, number])[]) =>
    take(content, buildUpdate({ deletions: [[7, deletions]] }), 'eve').outcome;
  const written = { client: 7, structs: [item(contents.string('x'.repeat(count * 4)))] };
  take(content, buildUpdate({ sections: [written] }), 'eve');
  expect([send(ranges(0)), send(ranges(count * 2))]).toEqual(['accepted', 'accepted']);
  expect(send([[0, count * 4]])).toBe('accepted');
  const edit = { client: 8, structs: [item(contents.string('y'))] };
  const coming = buildUpdate({ sections: [edit], deletions: [[7, [...ranges(0), ...ranges(count * 2)]]] });
  expect(take(content, coming, 'ada').outcome).toBe('accepted');
});

it('[CHK5] [EPO3] what was joined in an earlier epoch is refused for being of it', () => {
  const content = load({ retired: new Set([7]) });
  const old = { client: 7, structs: [collected(2 ** 24 + 16)] };
  expect(take(content, buildUpdate({ sections: [old] }), 'ada').outcome).toBe('other-epoch');
});

describe('a state vector', () => {
  it('[CHK9] is refused where it is cut, goes on, claims or holds too much', () => {
    const content = load();
    const zeros = [...Array<number>(200).fill(0x80), 0];
    for (const bytes of [
      [],
      [1],
      [1, 7],
      [1, 7, 0x80],
      [0, 0],
      [1, 7, 5, 0],
      [1, ...zeros, 5],
      [1, 7, ...zeros],
    ]) {
      expect(content.diff(Uint8Array.from(bytes))).toEqual({ outcome: 'malformed' });
    }
    const many = new Uint8Array(8 * 1024 * 1024).fill(7);
    many.set([0x80, 0x80, 0x80, 1]);
    expect(content.diff(many)).toEqual({ outcome: 'malformed' });
    expect(content.diff(Uint8Array.of(1, 7, 5)).outcome).toBe('update');
  });
});

describe('any legal text', () => {
  it.each([
    ['NUL', 'a\0b'],
    ['direction marks', '\u202Eabc\u202C\u200F\u2066x\u2069'],
    ['a byte order mark', '\uFEFFbom'],
    ['combined characters', 'e\u0301\u0323 \u1100\u1161 👩‍👩‍👧 🇩🇪'],
    ['what is no character', '\uFFFE\uFFFF\u{10FFFF}'],
    ['line ends', 'a\r\nb\rc\u2028d\u2029'],
  ])('[CHK7] passes unchanged: %s', (_name, odd) => {
    const content = load();
    const ada = createEditor(7);
    ada.text.insert(0, odd);
    ada.text.insert(1, odd, { mark: odd });
    ada.text.insertEmbed(0, { [odd]: odd });
    for (const update of ada.updates) expect(take(content, update, 'ada').outcome).toBe('accepted');
    expectEqual(toDoc(content), ada.doc);
    const again = load({ update: content.log.whole() });
    expectEqual(toDoc(again), ada.doc);
  });

  it('[CHK7] passes unchanged: an emoji typed by halves', () => {
    const content = load();
    const ada = createEditor(7);
    ada.doc.transact(() => {
      ada.text.insert(0, '\uD83D');
      ada.text.insert(1, '\uDE00');
    });
    expect(take(content, ada.updates[0]!, 'ada').outcome).toBe('accepted');
    expect(toDoc(content).getText('body').toJSON()).toBe('😀');
  });
});
