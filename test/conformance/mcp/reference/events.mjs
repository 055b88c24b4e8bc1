/** Events of one session's streams, kept so that a client that comes back with `Last-Event-ID` gets the rest. */
export class KeptEvents {
  #events = [];

  async storeEvent(streamId, message) {
    this.#events.push({ streamId, message });
    return String(this.#events.length);
  }

  async replayEventsAfter(lastEventId, { send }) {
    const last = this.#events[Number(lastEventId) - 1];
    if (last === undefined) throw new Error(`there is no event ${lastEventId}`);
    for (const [index, { streamId, message }] of this.#events.entries()) {
      // A priming event is stored as an empty message, and is not for replaying.
      const carries = 'jsonrpc' in message;
      if (index >= Number(lastEventId) && streamId === last.streamId && carries)
        await send(String(index + 1), message);
    }
    return last.streamId;
  }
}
