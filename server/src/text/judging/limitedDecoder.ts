import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { CONTENT_REFS, type ContentRules } from './contentRules.ts';
import { isNestedDeeper } from './jsonDepth.ts';
import { measureAny } from './measureAny.ts';
import { MAX_NAME_LENGTH, MAX_UPDATE_RUNS, MAX_VALUE_BYTES, MAX_VALUE_DEPTH } from './updateLimits.ts';
import { UpdateRefusal } from './updateRefusal.ts';

/** The bits of a struct's first byte that say what it holds. */
const CONTENT_BITS = 0b11111;

/** Strings and values may be this many times as many. A struct has three of them at most. */
const DETAILS_PER_RUN = 3;

const FREE_CLIENTS = 2;

/** What a client with content counts for: merging has to find each of them, and nobody types under thousands of ids. */
const RUNS_PER_CLIENT = 16;

/** As many times as many bytes may be written of a value as were read of it. */
const MOST_JSON_GROWTH = 6;
const MOST_ANY_GROWTH = 2;

export type DecoderLimits = { readonly rules: ContentRules; readonly maxRuns: number };

/**
 * Reads an update as Yjs does, and stops with an `UpdateRefusal` at the first thing that no update may hold: before a
 * million runs are read, a sub-document is made or a value is parsed, since that is what takes the time.
 */
export class LimitedDecoder extends Y.UpdateDecoderV1 {
  readonly #rules: ContentRules;
  readonly #maxRuns: number;
  #runs = 0;
  #clients = 0;
  #details = 0;
  #content = 0;

  constructor(update: Uint8Array, { rules, maxRuns }: DecoderLimits) {
    super(decoding.createDecoder(update));
    this.#rules = rules;
    this.#maxRuns = maxRuns;
  }

  override readClient(): number {
    this.#countClient(RUNS_PER_CLIENT);
    return super.readClient();
  }

  override readInfo(): number {
    this.#countRun();
    const info = super.readInfo();
    this.#content = info & CONTENT_BITS;
    if (!this.#rules.contents.has(this.#content)) {
      throw new UpdateRefusal('malformed', `content of type ${this.#content} has no place in such a text`);
    }
    return info;
  }

  override resetDsCurVal(): void {
    this.#countClient(1);
  }

  override readDsClock(): number {
    this.#countRun();
    return super.readDsClock();
  }

  override readTypeRef(): number {
    const type = super.readTypeRef();
    if (!this.#rules.types.has(type)) {
      throw new UpdateRefusal('malformed', `a shared type ${type} has no place in such a text`);
    }
    return type;
  }

  override readString(): string {
    this.#countDetail();
    if (this.#content !== CONTENT_REFS.json) return super.readString();
    // One of the values, each of them JSON; or a name before them, which may not be as long either.
    return this.#readJsonText();
  }

  override readKey(): string {
    const key = super.readKey();
    if (key.length > MAX_NAME_LENGTH) throw new UpdateRefusal('too-big', 'a name is too long');
    return key;
  }

  override readJSON(): unknown {
    return JSON.parse(this.#readJsonText());
  }

  override readAny(): unknown {
    this.#countDetail();
    const bytes = measureAny(this.restDecoder);
    const value: unknown = super.readAny();
    if (bytes * MOST_ANY_GROWTH > MAX_VALUE_BYTES) refuseGrownAny(value);
    return value;
  }

  #readJsonText(): string {
    const start = this.restDecoder.pos;
    const length = decoding.readVarUint(this.restDecoder);
    if (length > MAX_VALUE_BYTES) refuseSize();
    this.restDecoder.pos = start;
    const json = decoding.readVarString(this.restDecoder);
    if (isNestedDeeper(json, MAX_VALUE_DEPTH)) throw new UpdateRefusal('malformed', 'a value is too deep');
    if (length * MOST_JSON_GROWTH > MAX_VALUE_BYTES) refuseGrownJson(json);
    return json;
  }

  #countRun(runs = 1): void {
    this.#runs += runs;
    if (this.#runs > this.#maxRuns) refuseRuns();
  }

  /** The first of the content and that of the deletions are free. */
  #countClient(runs: number): void {
    this.#clients += 1;
    if (this.#clients > FREE_CLIENTS) this.#countRun(runs);
  }

  #countDetail(): void {
    this.#details += 1;
    if (this.#details > DETAILS_PER_RUN * this.#maxRuns) refuseRuns();
  }
}

/** A document writes 1e20 as 100000000000000000000, and then it is too big when it comes from somebody else. */
function refuseGrownJson(json: string): void {
  if (Buffer.byteLength(toWritten(json)) > MAX_VALUE_BYTES) refuseSize();
}

/** What is no JSON is left to whoever reads it. */
function toWritten(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}

function refuseGrownAny(value: unknown): void {
  const encoder = encoding.createEncoder();
  encoding.writeAny(encoder, value as encoding.AnyEncodable);
  if (encoding.length(encoder) > MAX_VALUE_BYTES) refuseSize();
}

function refuseSize(): never {
  throw new UpdateRefusal('too-big', 'a value is too big');
}

function refuseRuns(): never {
  throw new UpdateRefusal('too-big', `an update holds at most ${MAX_UPDATE_RUNS} runs; send it in parts`);
}
