import { getContext, setContext } from 'svelte';
import type { Nav } from './nav.svelte';
import type { Phone } from './phone.svelte';

const KEY = Symbol('parley');

/** Gives the phone and the place in the window to all components below. */
export const provide = (phone: Phone, nav: Nav) => setContext(KEY, { phone, nav });

/** The phone and the place in the window. */
export const parley = (): { phone: Phone; nav: Nav } => getContext(KEY);
