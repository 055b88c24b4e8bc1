import type { Strategy } from './strategy.js';

/** The literal that the policy gives: as JSON where the value stood alone, as text inside a string. */
export const literal: Strategy = (_value, terms) => {
  const json = JSON.stringify(terms.literal);
  return { text: typeof terms.literal === 'string' ? terms.literal : json, json };
};
