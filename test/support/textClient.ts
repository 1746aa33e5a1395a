import {
  type CloseReason,
  decodeTextFrame,
  encodeTextFrame,
  type TextFrame,
  type User,
} from '@weft/client/protocol';
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { readSyncMessage } from 'y-protocols/sync';
import * as Y from 'yjs';
import type { TextAddress, TextParticipant, TextSeat } from '../../server/src/text/textParticipant.ts';
import type { TextRooms } from '../../server/src/text/textRooms.ts';

export type TextClientOptions = {
  readonly name?: string;
  /** Default: true. */
  readonly wantsSaved?: boolean;
  /** Default: a random one. */
  readonly clientId?: number;
  /** Called when the room sends something, which the client hears of later. */
  readonly onSent?: (frame: TextFrame, client: TextClient) => void;
};

/**
 * A client as y-websocket makes one, at one end of a link that delivers nothing by itself: `toClient` and `toRoom`
 * hold what is under way, in order.
 */
export class TextClient implements TextParticipant {
  readonly user: User;
  readonly wantsSaved: boolean;
  readonly doc = new Y.Doc();
  readonly awareness: Awareness;
  /** What the room sent over the present connection, oldest first. */
  frames: TextFrame[] = [];
  toClient: Uint8Array[] = [];
  toRoom: Uint8Array[] = [];
  /** The updates sent over the present connection, as `saved` counts them. */
  sentUpdates: Uint8Array[] = [];
  saved = 0;
  closed: { readonly reason: CloseReason; readonly detail: string } | undefined;
  #seat: TextSeat | undefined;
  readonly #onSent: TextClientOptions['onSent'];

  constructor({ name = 'Ada', wantsSaved = true, clientId, onSent }: TextClientOptions = {}) {
    this.user = { id: name.toLowerCase(), name };
    this.wantsSaved = wantsSaved;
    this.#onSent = onSent;
    if (clientId !== undefined) this.doc.clientID = clientId;
    this.awareness = new Awareness(this.doc);
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.post({ kind: 'update', update });
    });
    this.awareness.on('update', (changes: Record<'added' | 'updated' | 'removed', number[]>) => {
      this.postAwareness([...changes.added, ...changes.updated, ...changes.removed]);
    });
  }

  get isConnected(): boolean {
    return this.#seat !== undefined;
  }

  get ytext(): Y.Text {
    return this.doc.getText('body');
  }

  get text(): string {
    return this.ytext.toJSON();
  }

  /** Where nothing is under way any more. */
  get isIdle(): boolean {
    return this.toClient.length === 0 && this.toRoom.length === 0;
  }

  async connect(rooms: TextRooms, address: TextAddress): Promise<void> {
    this.closed = undefined;
    this.frames = [];
    this.sentUpdates = [];
    this.saved = 0;
    const joined = await rooms.join(address, this);
    if (joined.outcome === 'unavailable') return this.close('unavailable', joined.detail);
    this.#seat = joined.seat;
    this.post({ kind: 'sync-step-1', stateVector: Y.encodeStateVector(this.doc) });
    if (this.awareness.getLocalState() !== null) this.postAwareness([this.doc.clientID]);
  }

  /** What is under way is lost. */
  disconnect(): void {
    this.#cut()?.leave();
  }

  send(frame: Uint8Array): void {
    this.toClient.push(frame);
    const sent = this.#onSent && decodeTextFrame(frame);
    if (sent) this.#onSent?.(sent, this);
  }

  close(reason: CloseReason, detail: string): void {
    this.#cut();
    this.closed = { reason, detail };
  }

  post(frame: TextFrame): void {
    if (frame.kind === 'update' || frame.kind === 'sync-step-2') this.#count(frame.update);
    this.postBytes(encodeTextFrame(frame));
  }

  postBytes(bytes: Uint8Array): void {
    if (this.#seat) this.toRoom.push(bytes);
  }

  postAwareness(clients: number[]): void {
    this.post({ kind: 'awareness', states: encodeAwarenessUpdate(this.awareness, clients) });
  }

  /** The room takes the oldest frame that is on its way there. */
  deliverToRoom(): void {
    const frame = this.toRoom.shift();
    if (frame) this.#seat?.receive(frame);
  }

  /** The client takes the oldest frame that is on its way there. */
  deliverToClient(): void {
    const bytes = this.toClient.shift();
    const frame = bytes && decodeTextFrame(bytes);
    if (!frame) return;
    this.frames.push(frame);
    if (frame.kind === 'saved') this.saved = frame.count;
    else if (frame.kind === 'awareness') applyAwarenessUpdate(this.awareness, frame.states, this);
    else this.#sync(bytes);
  }

  destroy(): void {
    this.disconnect();
    this.awareness.destroy();
    this.doc.destroy();
  }

  #sync(bytes: Uint8Array): void {
    const decoder = decoding.createDecoder(bytes.subarray(1));
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, 0);
    readSyncMessage(decoder, encoder, this.doc, this);
    if (encoding.length(encoder) === 1) return;
    const reply = encoding.toUint8Array(encoder);
    const frame = decodeTextFrame(reply);
    if (frame?.kind === 'sync-step-2') this.#count(frame.update);
    this.postBytes(reply);
  }

  #count(update: Uint8Array): void {
    if (this.#seat) this.sentUpdates.push(update);
  }

  #cut(): TextSeat | undefined {
    const seat = this.#seat;
    this.#seat = undefined;
    this.toClient = [];
    this.toRoom = [];
    return seat;
  }
}
