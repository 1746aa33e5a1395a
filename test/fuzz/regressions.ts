import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { HONEST, HOSTILE, type FrameStep, type Sequence } from './sequence.ts';
import type { FoundFailure } from './runFuzz.ts';

export const REGRESSIONS = resolve(import.meta.dirname, '../regressions');

const frameSchema = z.object({
  kind: z.literal('frame'),
  as: z.enum([...HONEST, ...HOSTILE]),
  frame: z.base64().transform((text) => Uint8Array.from(Buffer.from(text, 'base64'))),
});

const regressionSchema = z.object({
  /** What was wrong. */
  rule: z.string(),
  detail: z.string(),
  text: z.enum(['text', 'rich-text']),
  steps: z.array(
    z.discriminatedUnion('kind', [
      frameSchema,
      z.object({ kind: z.literal('burst'), frames: z.array(frameSchema) }),
      z.object({ kind: z.literal('epoch') }),
      z.object({ kind: z.literal('reopen'), withSnapshot: z.boolean() }),
    ]),
  ),
});

export function listRegressions(): string[] {
  return readdirSync(REGRESSIONS).filter((name) => name.endsWith('.json'));
}

export function readRegression(name: string): Sequence {
  return regressionSchema.parse(JSON.parse(readFileSync(join(REGRESSIONS, name), 'utf8')));
}

function toText({ frame, ...step }: FrameStep) {
  return { ...step, frame: Buffer.from(frame).toString('base64') };
}

/** Gives the file's path. */
export function writeRegression(
  folder: string,
  name: string,
  { rule, detail, sequence }: FoundFailure,
): string {
  const steps = sequence.steps.map((step) => {
    if (step.kind === 'frame') return toText(step);
    return step.kind === 'burst' ? { ...step, frames: step.frames.map(toText) } : step;
  });
  const path = join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify({ rule, detail, text: sequence.text, steps }, null, 2)}\n`);
  return path;
}
