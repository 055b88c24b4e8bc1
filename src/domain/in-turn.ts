/** Does some work when all that was asked for before is over, however that ended; answers what the work does. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Makes a queue in which work is done one after the other, in the order in which it is asked for. */
export function inTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    // How it ends is its caller's to know; the next one only waits for the end.
    const ended = () => undefined;
    last = turn.then(ended, ended);
    return turn;
  };
}
