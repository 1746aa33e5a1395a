import { replay } from './runFuzz.ts';
import { isHonest, type Sequence, type Step } from './sequence.ts';

/** Tries of one minimisation; each plays a whole sequence. */
const MOST_TRIES = 400;

/** Leaves out steps, and then bytes of what is left, as long as the same rule stays broken. */
export async function minimise(sequence: Sequence, rule: string): Promise<Sequence> {
  let tries = 0;
  const fails = async (steps: readonly Step[]) => {
    tries += 1;
    if (tries > MOST_TRIES) return false;
    return (await replay({ ...sequence, steps })).failure?.rule === rule;
  };
  if (!(await fails(sequence.steps))) return sequence;
  const few = await shrink(sequence.steps, fails);
  let steps = few;
  for (const [index, step] of few.entries()) {
    // What an honest editor sends stays as it is: anything else would be refused for good reason.
    if (step.kind !== 'frame' || isHonest(step.as)) continue;
    const bytes = await shrink([...step.frame], (shorter) =>
      fails(steps.with(index, { ...step, frame: Uint8Array.from(shorter) })),
    );
    steps = steps.with(index, { ...step, frame: Uint8Array.from(bytes) });
  }
  return { ...sequence, steps };
}

/** Takes away ever smaller runs while `holds` does. */
async function shrink<Part>(
  parts: readonly Part[],
  holds: (fewer: readonly Part[]) => Promise<boolean>,
): Promise<readonly Part[]> {
  let rest = parts;
  for (let run = Math.ceil(rest.length / 2); run >= 1; run = Math.floor(run / 2)) {
    for (let end = rest.length; end > 0; end -= run) {
      const fewer = rest.toSpliced(Math.max(0, end - run), run);
      if (fewer.length < rest.length && (await holds(fewer))) rest = fewer;
    }
  }
  return rest;
}
