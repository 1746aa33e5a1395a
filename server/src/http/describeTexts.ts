import type { TextRooms } from '../text/textRooms.ts';

/** The text fields of each aggregate type. */
export type TextNames = ReadonlyMap<string, readonly string[]>;

export type TextDescription = {
  readonly href: string;
  /** UTF-16 code units. */
  readonly length: number;
  /** Decimal; null while nothing was written. */
  readonly revision: string | null;
};

/** What texts are described from. */
export type TextServices = { readonly rooms: TextRooms; readonly textNames: TextNames };

/** Where an aggregate's texts are, and how long. */
export async function describeTexts(
  { rooms, textNames }: TextServices,
  { aggregate, id }: { readonly aggregate: string; readonly id: string },
): Promise<Record<string, TextDescription>> {
  const fields = textNames.get(aggregate) ?? [];
  const described = fields.map(async (field) => {
    const { length, revision } = await rooms.read({ aggregate, id, field });
    const href = `/api/${aggregate}/${id}/texts/${field}`;
    return [field, { href, length, revision: revision?.toString() ?? null }] as const;
  });
  return Object.fromEntries(await Promise.all(described));
}
