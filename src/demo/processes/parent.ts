/**
 * Stops with the process that started this one: on its signal, and when it is gone without a word, which closes the
 * IPC channel. Started by hand, without a channel, only signals count.
 */
export function stopWithParent(stop: () => Promise<void>): void {
  let stopping: Promise<void> | undefined;
  const end = async () => {
    stopping ??= stop();
    await stopping;
    process.exit(0);
  };
  process.once('SIGTERM', () => void end());
  process.once('SIGINT', () => void end());
  if (process.channel !== undefined) process.once('disconnect', () => void end());
}
