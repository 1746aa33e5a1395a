import { defineAggregate } from '@weft/client/protocol';
import { createTestWorld } from '@weft/client/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

const task = defineAggregate('task', { fields: { title: z.string() } });

test('two who rename one task at once are asked', async () => {
  await using world = createTestWorld({ aggregates: [task] });
  const adas = world.connect('Ada').weft.task('t1');
  const bens = world.connect('Ben').weft.task('t1');
  await adas.create({ title: 'Plan' });
  await world.settle();

  const [first, second] = await Promise.all([
    adas.change({ title: 'Ada’s plan' }),
    bens.change({ title: 'Ben’s plan' }),
  ]);

  expect(first.outcome).toBe('accepted');
  expect(second).toMatchObject({
    outcome: 'conflict',
    conflict: { fields: [{ field: 'title', was: 'Plan', is: 'Ada’s plan', want: 'Ben’s plan' }] },
  });
});
