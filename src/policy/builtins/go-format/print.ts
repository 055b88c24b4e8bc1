import { type Argument, formatArgument } from './argument.js';
import { plainLayout } from './layout.js';

/** Go's fmt.Sprint: between two values of which neither is a string stands a space. */
export function printGo(args: readonly Argument[]): string {
  let text = '';
  for (const [index, argument] of args.entries()) {
    const before = args[index - 1];
    if (before !== undefined && !isText(before) && !isText(argument)) text += ' ';
    text += formatArgument(argument, 'v', plainLayout());
  }
  return text;
}

/** Go's fmt.Sprintln: spaces between all values, and a line feed at the end. */
export function printLineGo(args: readonly Argument[]): string {
  return `${args.map((argument) => formatArgument(argument, 'v', plainLayout())).join(' ')}\n`;
}

function isText({ type }: Argument): boolean {
  return type === 'string' || type === 'json.Number';
}
