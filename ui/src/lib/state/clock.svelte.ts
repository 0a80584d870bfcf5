// The present, once a second, while somebody can see it.
class Clock {
  now = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | undefined;

  start() {
    const tick = () => (this.now = Date.now());
    const run = () => {
      clearInterval(this.#timer);
      if (document.hidden) return;
      tick();
      this.#timer = setInterval(tick, 1000);
    };
    document.addEventListener('visibilitychange', run);
    run();
    return () => {
      clearInterval(this.#timer);
      document.removeEventListener('visibilitychange', run);
    };
  }
}

export const clock = new Clock();

/** Whole seconds from `at` to now, never below zero. */
export const secondsSince = (at: number, until: number = clock.now): number => Math.max(0, Math.floor((until - at) / 1000));
