import type { KeptQuestion, Question } from './input/question.js';

/** A question about more of a message than this is not remembered: it would not come again, and cost more than it saves. */
const LARGEST_BYTES = 16 * 1024;
/** What an entry takes beside the parts of messages, about. */
const ENTRY_BYTES = 1024;
/** Questions of one hash; of more, the oldest is forgotten, so that looking through them stays short. */
const MOST_ALIKE = 8;

/** How many questions are known by their slot alone; a power of two. */
const ASKED_ONCE = 8192;

interface Entry<Answer> {
  readonly question: KeptQuestion;
  readonly answer: Answer;
}

/** Where in {@link Remembered} an answer belongs: found out by looking for it. */
export type Slot = number & { readonly __slot: unique symbol };

/**
 * Answers by what was asked, as many as fit into a bound: what was not asked for the longest is forgotten first, by
 * halves. Questions are compared byte by byte and not by a digest, so that no two can be made to share an answer.
 */
export class Remembered<Answer> {
  readonly #halfBytes: number;
  #recent = new Map<Slot, Entry<Answer>[]>();
  #before: ReadonlyMap<Slot, readonly Entry<Answer>[]> = new Map();
  #recentBytes = 0;
  readonly #askedOnce = new Int32Array(ASKED_ONCE);

  constructor(maximumBytes: number) {
    this.#halfBytes = maximumBytes / 2;
  }

  /** Where the answer to a question is or belongs; undefined where the question is not one to remember. */
  slotOf(question: Question): Slot | undefined {
    return question.spanBytes > LARGEST_BYTES ? undefined : (question.hash() as Slot);
  }

  find(slot: Slot, question: Question): Answer | undefined {
    const recent = entryIn(this.#recent.get(slot), question);
    if (recent !== undefined) return recent.answer;
    const before = entryIn(this.#before.get(slot), question);
    if (before === undefined) return undefined;
    this.#add(slot, before);
    return before.answer;
  }

  /**
   * A question that was not found. It is kept when it was asked before: most are asked once, and would push out those that
   * are not.
   */
  keep(slot: Slot, question: Question, answer: Answer): void {
    const place = slot & (ASKED_ONCE - 1);
    if (this.#askedOnce[place] === slot) this.#add(slot, { question: question.kept(), answer });
    this.#askedOnce[place] = slot;
  }

  #add(slot: Slot, entry: Entry<Answer>): void {
    if (this.#recentBytes > this.#halfBytes) {
      this.#before = this.#recent;
      this.#recent = new Map();
      this.#recentBytes = 0;
    }
    const alike = this.#recent.get(slot) ?? [];
    this.#recent.set(slot, [...alike.slice(1 - MOST_ALIKE), entry]);
    this.#recentBytes += entry.question.spanBytes + ENTRY_BYTES;
  }
}

function entryIn<Answer>(alike: readonly Entry<Answer>[] | undefined, question: Question) {
  if (alike === undefined) return undefined;
  for (const entry of alike) if (question.is(entry.question)) return entry;
  return undefined;
}
