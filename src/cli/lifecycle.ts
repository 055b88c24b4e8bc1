/**
 * Resolves when this process is to stop: on SIGINT or SIGTERM, or when it was started as a child with an IPC channel
 * and its parent is gone. The channel is let go of then, or it would keep the process alive.
 */
export async function untilStopped(): Promise<string> {
  const why = await new Promise<string>((resolve) => {
    process.once('SIGINT', () => resolve('SIGINT'));
    process.once('SIGTERM', () => resolve('SIGTERM'));
    if (process.channel !== undefined)
      process.once('disconnect', () => resolve('the parent process is gone'));
  });
  if (process.connected) process.disconnect();
  return why;
}
