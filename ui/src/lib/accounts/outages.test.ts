import { describe, expect, it } from 'vitest';
import { outagesOf } from './outages';

describe('outages of today', () => {
  const noon = new Date(2026, 10, 22, 12).getTime();
  const hour = 3_600_000;

  it('counts those of today, and of one that began yesterday the part that lies in today', () => {
    const outages = [
      { from: noon - 30 * hour, to: noon - 29 * hour },
      { from: noon - 13 * hour, to: noon - 11 * hour },
      { from: noon - 2 * hour, to: noon - 2 * hour + 5000 },
    ];
    expect(outagesOf(outages, noon)).toEqual({ count: 2, seconds: 3605 });
  });

  it('counts one that goes on until now', () => {
    expect(outagesOf([{ from: noon - 90_000 }], noon)).toEqual({ count: 1, seconds: 90 });
  });

  it('counts nothing where there was nothing', () => {
    expect(outagesOf([], noon)).toEqual({ count: 0, seconds: 0 });
  });
});
