/** How many there may be at once. */
export interface Room {
  /** Of one principal. */
  readonly perPrincipal: number;
  readonly all: number;
}

/** Places for what stays open a while, given out while there is room. */
export class Places {
  readonly #room: Room;
  readonly #takenBy = new Map<string, number>();
  #taken = 0;

  constructor(room: Room) {
    this.#room = room;
  }

  /** @returns what gives the place back; undefined where there is none */
  take(principalId: string): (() => void) | undefined {
    const own = this.#takenBy.get(principalId) ?? 0;
    if (own >= this.#room.perPrincipal || this.#taken >= this.#room.all) return undefined;
    this.#takenBy.set(principalId, own + 1);
    this.#taken += 1;
    let isTaken = true;
    return () => {
      if (isTaken) this.#giveBack(principalId);
      isTaken = false;
    };
  }

  #giveBack(principalId: string): void {
    const left = (this.#takenBy.get(principalId) ?? 1) - 1;
    if (left === 0) this.#takenBy.delete(principalId);
    else this.#takenBy.set(principalId, left);
    this.#taken -= 1;
  }
}
