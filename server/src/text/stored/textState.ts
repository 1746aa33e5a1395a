import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/** The epoch of a text that never began another. */
export const FIRST_EPOCH = '0';

/** The whole of a text as of some revision: what a snapshot keeps of it, and what an epoch begins with. */
export type TextState = {
  /** `FIRST_EPOCH`, or the id of the event with which the epoch began. */
  readonly epoch: string;
  /** Client id → id of the user who used it first. */
  readonly owners: ReadonlyMap<number, string>;
  /** Client ids of the content of earlier epochs. */
  readonly retired: ReadonlySet<number>;
  /** Everything, as one Yjs update in the first encoding. */
  readonly update: Uint8Array;
};

const ENCODING_VERSION = 1;

/** Takes about four bytes a client id besides the update. */
export function encodeTextState({ epoch, owners, retired, update }: TextState): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, ENCODING_VERSION);
  encoding.writeVarString(encoder, epoch);
  const byUser = Map.groupBy(owners, ([, user]) => user);
  encoding.writeVarUint(encoder, byUser.size);
  for (const [user, owned] of byUser) {
    encoding.writeVarString(encoder, user);
    writeClients(
      encoder,
      owned.map(([client]) => client),
    );
  }
  writeClients(encoder, [...retired]);
  encoding.writeUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
}

/** Undefined where it is no state. The update is a view of the bytes, and is not looked at. */
export function decodeTextState(bytes: Uint8Array): TextState | undefined {
  try {
    const decoder = decoding.createDecoder(bytes);
    if (decoding.readVarUint(decoder) !== ENCODING_VERSION) return undefined;
    const epoch = decoding.readVarString(decoder);
    const owners = readOwners(decoder);
    const retired = new Set(readClients(decoder));
    return { epoch, owners, retired, update: decoding.readTailAsUint8Array(decoder) };
  } catch {
    // lib0 throws on cut input; that is an expected outcome here.
    return undefined;
  }
}

function readOwners(decoder: decoding.Decoder): Map<number, string> {
  const owners = new Map<number, string>();
  const users = decoding.readVarUint(decoder);
  for (let index = 0; index < users; index++) {
    const user = decoding.readVarString(decoder);
    for (const client of readClients(decoder)) owners.set(client, user);
  }
  return owners;
}

/** In order, each as the distance from the one before it. */
function writeClients(encoder: encoding.Encoder, clients: readonly number[]): void {
  encoding.writeVarUint(encoder, clients.length);
  let previous = 0;
  for (const client of clients.toSorted((one, other) => one - other)) {
    encoding.writeVarUint(encoder, client - previous);
    previous = client;
  }
}

function readClients(decoder: decoding.Decoder): number[] {
  const clients: number[] = [];
  const count = decoding.readVarUint(decoder);
  let client = 0;
  for (let index = 0; index < count; index++) {
    client += decoding.readVarUint(decoder);
    clients.push(client);
  }
  return clients;
}
