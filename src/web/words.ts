import type { Approval, Approvers, State, Summary, Vote } from './api.js';
import { h } from './dom.js';
import { listed } from './text.js';

const STATES: Readonly<Record<State, string>> = {
  pending: 'Waiting',
  approved: 'Approved',
  denied: 'Denied',
  expired: 'Expired',
  spent: 'Approved and run',
};

/** A state, as a word; its colour says nothing that the word does not. */
export function badge(state: State): HTMLElement {
  return h('span', { class: `badge ${state}` }, STATES[state]);
}

export function stateWord(state: State): string {
  return STATES[state].toLowerCase();
}

/** Why somebody may not vote, as a sentence. */
export function whyNot({ state, you }: Approval): string {
  if (state !== 'pending') return `This is ${stateWord(state)}; there is nothing left to decide.`;
  switch (you.why) {
    case 'own_request':
      return 'This call was made by you, or for you: somebody else has to decide.';
    case 'already_voted':
      return 'You have voted. Others have to agree as well.';
    case 'not_needed':
      return 'Your group has agreed already. Others have to agree as well.';
    default:
      return 'You are in none of the groups that may decide this now.';
  }
}

/** Who must agree, in words. */
export function needed({ groups, quorum }: Approvers): string {
  return `${quorum === 1 ? 'one' : quorum} of ${listed(groups)}`;
}

/** How many of the votes that are needed are there. */
export function progress({ agreed, needed: wanted }: Summary): string {
  return `${agreed} of ${wanted} ${wanted === 1 ? 'vote' : 'votes'}`;
}

export function voteWord({ verdict, break_glass }: Vote): string {
  if (break_glass) return 'broke the glass';
  return verdict === 'approve' ? 'approved' : 'denied';
}
