// The one way out of the window. Two implementations: the desktop shell (`tauri.ts`) and a pretend one (`fake/`).
import type { ApiError, Event, Reply, Request } from '../api';

export interface Backend {
  /** Asks the engine. Rejects with an `ApiError`. */
  request(request: Request): Promise<Reply>;
  /** Follows the engine's events, in order. Returns the way to stop. */
  subscribe(on: (event: Event) => void): Promise<() => void>;
  /** Hides the main window; Parley goes on. */
  hideWindow(): Promise<void>;
  /** Brings the main window up. */
  showWindow(): Promise<void>;
  /** Ends Parley. */
  quit(): Promise<void>;
  /** Tells the shell how tall the card's window must be, in CSS pixels. */
  cardHeight(pixels: number): Promise<void>;
}

/** Whether a rejection is the engine's own word. */
export function isApiError(fault: unknown): fault is ApiError {
  return typeof fault === 'object' && fault !== null && 'code' in fault && 'message' in fault;
}

/** Any fault as an `ApiError`. */
export function asApiError(fault: unknown): ApiError {
  return isApiError(fault) ? fault : { code: 'internal', message: fault instanceof Error ? fault.message : String(fault) };
}
