import { decodeTextFrame, encodeTextFrame, type TextFrame } from '@weft/client/protocol';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import type { Effect, Ledger, Word } from './ledger.ts';

export type SavedTextOptions = {
  readonly url: string;
  readonly note: string;
  readonly author: string;
  readonly ledger: Ledger;
};

type Connection = {
  readonly socket: WebSocket;
  /** What each update frame of this connection brings, oldest first; those that are saved are gone from its front. */
  readonly sent: Effect[][];
  saved: number;
  isSynced: boolean;
};

/**
 * One person's copy of one text over a raw y-websocket socket, which knows of every frame whether it was called saved.
 * The copy outlives its sockets: what was not saved goes along when it connects again.
 */
export class SavedText {
  readonly note: string;
  readonly author: string;
  readonly doc = new Y.Doc();
  frames = 0;
  /** Called after each frame that was taken, and when the socket opens or closes. */
  onChange: () => void = () => undefined;
  readonly #options: SavedTextOptions;
  #connection: Connection | undefined;
  /** What the edit that is being made does. */
  readonly #doing: Effect[] = [];
  /** Done, not saved, and in no frame of the present connection. */
  #owed: Effect[] = [];

  constructor(options: SavedTextOptions) {
    this.#options = options;
    this.note = options.note;
    this.author = options.author;
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this) return;
      this.#post({ kind: 'update', update }, this.#doing.splice(0));
    });
  }

  get text(): string {
    return this.doc.getText('body').toString();
  }

  get isOpen(): boolean {
    return this.#connection?.socket.readyState === WebSocket.OPEN;
  }

  /** Whether it is connecting, or has not been told the whole text yet. */
  get isOpening(): boolean {
    return this.#connection?.isSynced === false;
  }

  get isSynced(): boolean {
    return this.#connection?.isSynced === true;
  }

  /** Whether everything that was done is called saved. */
  get isSaved(): boolean {
    return this.isSynced && this.unsaved === 0;
  }

  /** How much was done and is not called saved. */
  get unsaved(): number {
    return this.#owed.length + (this.#connection?.sent.length ?? 0);
  }

  /** Frames that are on their way, or were taken and not called saved. */
  get framesUnderWay(): number {
    return this.#connection?.sent.length ?? 0;
  }

  ownWords(): Word[] {
    return this.#options.ledger.ownWords(this.note, this.author);
  }

  /** Idempotent. */
  connect(): void {
    if (this.#connection) return;
    const { url, note, author } = this.#options;
    const socket = new WebSocket(
      `${url.replace('http', 'ws')}/yjs/note/${note}/body?saved=1&token=${author}`,
    );
    const connection: Connection = { socket, sent: [], saved: 0, isSynced: false };
    this.#connection = connection;
    socket.on('open', () => {
      this.#post({ kind: 'sync-step-1', stateVector: Y.encodeStateVector(this.doc) });
    });
    socket.on('message', (bytes: Buffer) => {
      const frame = decodeTextFrame(bytes);
      if (frame) this.#take(connection, frame);
      this.onChange();
    });
    // A refused or broken connection closes as well.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#owed.unshift(...connection.sent.flat());
      connection.sent.length = 0;
      if (this.#connection === connection) this.#connection = undefined;
      this.onChange();
    });
  }

  /** Resolves when there is no connection and everything that had arrived was taken. */
  async whenCut(): Promise<void> {
    const socket = this.#connection?.socket;
    if (socket) await new Promise((resolve) => socket.once('close', resolve));
  }

  /** Ends the connection from this side, at once. */
  async disconnect(): Promise<void> {
    const cut = this.whenCut();
    this.#connection?.socket.terminate();
    await cut;
  }

  /** `place` is from 0 to 1. */
  insert(body: string, place: number): Word {
    const { ledger, note, author } = this.#options;
    const { word, text } = ledger.create(note, author, body);
    const before = this.text;
    const next = before.indexOf('<', Math.floor(place * before.length));
    this.#doing.push({ word, kind: 'insert' });
    this.doc.getText('body').insert(next === -1 ? before.length : next, text);
    return word;
  }

  /** Removes a word of its own, `false` where it is not here. */
  remove(word: Word): boolean {
    const at = this.text.indexOf(`<${word.name}:`);
    if (at === -1) return false;
    word.removed = 'pending';
    this.#doing.push({ word, kind: 'remove' });
    this.doc.getText('body').delete(at, word.length + word.name.length + 3);
    return true;
  }

  /** Gives the copy up, with what was not saved of it. */
  async destroy(): Promise<void> {
    await this.disconnect();
    this.#options.ledger.giveUp(this.#owed);
    this.doc.destroy();
  }

  #post(frame: TextFrame, effects: Effect[] = []): void {
    const connection = this.#connection;
    if (connection?.socket.readyState !== WebSocket.OPEN) {
      this.#owed.push(...effects);
      return;
    }
    if (frame.kind !== 'sync-step-1') connection.sent.push(effects);
    connection.socket.send(encodeTextFrame(frame));
  }

  #take(connection: Connection, frame: TextFrame): void {
    if (frame.kind === 'sync-step-1') {
      const update = Y.encodeStateAsUpdate(this.doc, frame.stateVector);
      this.#post({ kind: 'sync-step-2', update }, this.#owed.splice(0));
    } else if (frame.kind === 'saved') {
      const saved = connection.sent.splice(0, frame.count - connection.saved);
      this.frames += saved.length;
      connection.saved = frame.count;
      for (const effect of saved.flat()) this.#options.ledger.acknowledge(effect);
    } else if (frame.kind === 'sync-step-2' || frame.kind === 'update') {
      Y.applyUpdate(this.doc, frame.update, this);
      if (frame.kind === 'sync-step-2') connection.isSynced = true;
    }
  }
}
