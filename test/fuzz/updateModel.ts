import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

export type ItemId = { readonly client: number; readonly clock: number };

/** Of Yjs, by its methods: the update's encoders ask for no more. */
export type Content = Pick<Y.Item['content'], 'getRef' | 'getLength' | 'write'>;

export type ModelItem = {
  readonly kind: 'item';
  readonly content: Content;
  readonly origin: ItemId | null;
  readonly rightOrigin: ItemId | null;
  /** The name of a root, or an item's id; `null` where a neighbour tells. */
  readonly parent: string | ItemId | null;
  readonly parentSub: string | null;
};

/** Clocks without content. */
export type ModelRun = { readonly kind: 'gc' | 'skip'; readonly length: number };

export type ModelStruct = ModelItem | ModelRun;

export type ModelSection = {
  readonly client: number;
  readonly clock: number;
  readonly structs: readonly ModelStruct[];
};

export type ModelRange = { readonly client: number; readonly clock: number; readonly length: number };

/** An update taken apart such that anything about it can be changed, also into what Yjs would never write. */
export type ModelUpdate = {
  readonly sections: readonly ModelSection[];
  readonly deletions: readonly ModelRange[];
};

export const EMPTY_MODEL: ModelUpdate = { sections: [], deletions: [] };

/** Of a good update. */
export function toModel(update: Uint8Array): ModelUpdate {
  const { structs, ds } = Y.decodeUpdate(update);
  const sections: { client: number; clock: number; structs: ModelStruct[] }[] = [];
  for (const struct of structs) {
    const { client, clock } = struct.id;
    const last = sections.at(-1);
    if (last?.client === client) last.structs.push(toStruct(struct));
    else sections.push({ client, clock, structs: [toStruct(struct)] });
  }
  const deletions = [...ds.clients].flatMap(([client, ranges]) =>
    ranges.map(({ clock, len }) => ({ client, clock, length: len })),
  );
  return { sections, deletions };
}

function toStruct(struct: Y.Item | Y.GC | Y.Skip): ModelStruct {
  if (struct instanceof Y.Skip) return { kind: 'skip', length: struct.length };
  if (struct instanceof Y.GC) return { kind: 'gc', length: struct.length };
  const { content, origin, rightOrigin, parentSub } = struct;
  // Of an item that was only decoded, it is a root's name or an id, whatever Yjs' types say.
  const parent = struct.parent as unknown as string | Y.ID | null;
  return { kind: 'item', content, origin, rightOrigin, parent, parentSub };
}

export function lengthOf(struct: ModelStruct): number {
  return struct.kind === 'item' ? struct.content.getLength() : struct.length;
}

export function encodeModel(model: ModelUpdate, version: 1 | 2 = 1): Uint8Array {
  const encoder = version === 1 ? new Y.UpdateEncoderV1() : new Y.UpdateEncoderV2();
  const { restEncoder } = encoder;
  encoding.writeVarUint(restEncoder, model.sections.length);
  for (const { client, clock, structs } of model.sections) {
    encoding.writeVarUint(restEncoder, structs.length);
    encoder.writeClient(client);
    encoding.writeVarUint(restEncoder, clock);
    for (const struct of structs) writeStruct(encoder, struct);
  }
  const byClient = Map.groupBy(model.deletions, ({ client }) => client);
  encoding.writeVarUint(restEncoder, byClient.size);
  for (const [client, ranges] of byClient) {
    encoder.resetDsCurVal();
    encoding.writeVarUint(restEncoder, client);
    encoding.writeVarUint(restEncoder, ranges.length);
    for (const { clock, length } of ranges) {
      encoder.writeDsClock(clock);
      // The second encoding cannot say that a range is empty.
      encoder.writeDsLen(version === 1 ? length : Math.max(1, length));
    }
  }
  return encoder.toUint8Array();
}

type Encoder = Y.UpdateEncoderV1 | Y.UpdateEncoderV2;

const GC_INFO = 0;
const SKIP_INFO = 10;
const HAS_ORIGIN = 128;
const HAS_RIGHT_ORIGIN = 64;
const HAS_PARENT_SUB = 32;

function writeStruct(encoder: Encoder, struct: ModelStruct): void {
  if (struct.kind === 'item') return writeItem(encoder, struct);
  encoder.writeInfo(struct.kind === 'gc' ? GC_INFO : SKIP_INFO);
  if (struct.kind === 'gc') encoder.writeLen(struct.length);
  else encoding.writeVarUint(encoder.restEncoder, struct.length);
}

function writeItem(encoder: Encoder, { content, origin, rightOrigin, parent, parentSub }: ModelItem): void {
  const flags =
    (origin ? HAS_ORIGIN : 0) |
    (rightOrigin ? HAS_RIGHT_ORIGIN : 0) |
    (parentSub === null ? 0 : HAS_PARENT_SUB);
  encoder.writeInfo(content.getRef() | flags);
  if (origin) encoder.writeLeftID(Y.createID(origin.client, origin.clock));
  if (rightOrigin) encoder.writeRightID(Y.createID(rightOrigin.client, rightOrigin.clock));
  if (!origin && !rightOrigin) {
    const place = parent ?? 'body';
    encoder.writeParentInfo(typeof place === 'string');
    if (typeof place === 'string') encoder.writeString(place);
    else encoder.writeLeftID(Y.createID(place.client, place.clock));
    if (parentSub !== null) encoder.writeString(parentSub);
  }
  content.write(encoder, 0);
}
