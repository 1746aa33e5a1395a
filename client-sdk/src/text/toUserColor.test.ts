import { expect, it } from 'vitest';
import { toUserColor } from './toUserColor.ts';

const ids = Array.from({ length: 500 }, (_, index) => `user-${index}`);

/** Relative luminance by WCAG 2. */
function toLuminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = parseInt(color.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function toContrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [toLuminance(a), toLuminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

it('[HAN8] gives a person the same colour everywhere, and different people different ones', () => {
  expect(toUserColor('alice')).toEqual(toUserColor('alice'));
  expect(new Set(ids.map((id) => toUserColor(id).color)).size).toBeGreaterThan(8);
});

it('[HAN8] gives colours that carry white letters and stand out on light and dark pages', () => {
  for (const { color, colorLight } of ids.map(toUserColor)) {
    expect(toContrast(color, '#ffffff'), color).toBeGreaterThan(4.5);
    expect(toContrast(color, '#16181d'), color).toBeGreaterThan(2.95);
    expect(colorLight).toMatch(/^#[0-9a-f]{8}$/);
  }
});
