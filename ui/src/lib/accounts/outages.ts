// How long callers did not reach a line today, as the clock on the wall counts days.
import type { OutageView } from '../api';

export function outagesOf(outages: OutageView[], now: number): { count: number; seconds: number } {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const today = outages.map(({ from, to }) => (to ?? now) - Math.max(from, midnight)).filter((lasted) => lasted >= 1000);
  return { count: today.length, seconds: Math.floor(today.reduce((sum, lasted) => sum + lasted, 0) / 1000) };
}
