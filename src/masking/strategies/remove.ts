import { type Strategy, textReplacement } from './strategy.js';

/** Nothing. That a whole member or element disappears with its comma is the rewriting's doing. */
export const remove: Strategy = () => textReplacement('');
