import { BuiltinError } from '../builtin.js';
import { type Argument, formatArgument, typed, weightOf } from './argument.js';
import { type Layout, pad, plainLayout, truncate } from './layout.js';

/**
 * Go's fmt.Sprintf. What is wrong with the format stands in the text, as in Go: `%!d(string=hi)`.
 *
 * @param spend is told of how much there is to write: widths make a long text of a short one, and indexes name a text
 * many times
 * Source: https://pkg.go.dev/fmt
 */
export function formatGo(format: string, args: readonly Argument[], spend: (units: number) => void): string {
  return new Formatter(format, args, spend).run();
}

/** Go's bound for a width and a precision. */
const MAX_NUMBER = 1_000_000n;

class Formatter {
  readonly #format: string;
  readonly #arguments: readonly Argument[];
  readonly #spend: (units: number) => void;
  #at = 0;
  #next = 0;
  #isReordered = false;
  #isIndexGood = true;
  #isAfterIndex = false;

  constructor(format: string, args: readonly Argument[], spend: (units: number) => void) {
    this.#format = format;
    this.#arguments = args;
    this.#spend = spend;
  }

  run(): string {
    let text = '';
    for (;;) {
      const percent = this.#format.indexOf('%', this.#at);
      if (percent < 0) return text + this.#format.slice(this.#at) + this.#extra();
      text += this.#format.slice(this.#at, percent);
      this.#at = percent + 1;
      text += this.#directive();
    }
  }

  #directive(): string {
    this.#isIndexGood = true;
    const layout = this.#flags();
    let problems = '';
    this.#index();
    problems += this.#width(layout);
    problems += this.#precision(layout);
    if (!this.#isAfterIndex) this.#index();
    const code = this.#format.codePointAt(this.#at);
    if (code === undefined) return `${problems}%!(NOVERB)`;
    const verb = String.fromCodePoint(code);
    this.#at += verb.length;
    return problems + this.#verb(verb, layout);
  }

  #verb(verb: string, layout: Layout): string {
    if (verb === '%') return '%';
    if (!this.#isIndexGood) return `%!${verb}(BADINDEX)`;
    const argument = this.#arguments[this.#next];
    if (argument === undefined) return `%!${verb}(MISSING)`;
    this.#next += 1;
    this.#spend(weightOf(argument, 1 + (layout.width ?? 0) + (layout.precision ?? 0)));
    return formatDirective(argument, verb, layout);
  }

  #flags(): Layout {
    const layout = plainLayout();
    const flags = /[#0+\- ]*/y;
    flags.lastIndex = this.#at;
    for (const flag of flags.exec(this.#format)?.[0] ?? '') {
      if (flag === '#') layout.sharp = true;
      if (flag === '0') layout.zero = true;
      if (flag === '+') layout.plus = true;
      if (flag === '-') layout.minus = true;
      if (flag === ' ') layout.space = true;
      this.#at += 1;
    }
    return layout;
  }

  /** Reads `[n]`, which says which argument is next, counted from 1. */
  #index(): void {
    this.#isAfterIndex = false;
    if (this.#format[this.#at] !== '[') return;
    this.#isReordered = true;
    const close = this.#format.indexOf(']', this.#at);
    const digits = close < 0 ? '' : this.#format.slice(this.#at + 1, close);
    this.#at = close < 0 ? this.#at + 1 : close + 1;
    const number = numberIn(digits);
    this.#isAfterIndex = number !== undefined;
    if (number !== undefined && number >= 1 && number <= this.#arguments.length) this.#next = number - 1;
    else this.#isIndexGood = false;
  }

  #width(layout: Layout): string {
    if (this.#format[this.#at] === '*') {
      this.#at += 1;
      const width = this.#integerArgument();
      this.#isAfterIndex = false;
      if (width === undefined) return '%!(BADWIDTH)';
      layout.width = Math.abs(width);
      if (width < 0) {
        layout.minus = true;
        layout.zero = false;
      }
      return '';
    }
    layout.width = this.#number();
    if (this.#isAfterIndex && layout.width !== undefined) this.#isIndexGood = false;
    return '';
  }

  #precision(layout: Layout): string {
    if (this.#format[this.#at] !== '.' || this.#at + 1 >= this.#format.length) return '';
    this.#at += 1;
    if (this.#isAfterIndex) this.#isIndexGood = false;
    this.#index();
    if (this.#format[this.#at] !== '*') {
      layout.precision = this.#number() ?? 0;
      return '';
    }
    this.#at += 1;
    const precision = this.#integerArgument();
    this.#isAfterIndex = false;
    if (precision === undefined || precision < 0) return '%!(BADPREC)';
    layout.precision = precision;
    return '';
  }

  /** A number that is too large ends the format. */
  #number(): number | undefined {
    const pattern = /[0-9]+/y;
    pattern.lastIndex = this.#at;
    const digits = pattern.exec(this.#format)?.[0];
    if (digits === undefined) return undefined;
    const number = numberIn(digits);
    this.#at = number === undefined ? this.#format.length : this.#at + digits.length;
    return number;
  }

  #integerArgument(): number | undefined {
    const argument = this.#arguments[this.#next];
    if (argument === undefined) return undefined;
    this.#next += 1;
    if (argument.type !== 'int' && argument.type !== 'int64' && argument.type !== 'uint8') return undefined;
    if (argument.value > MAX_NUMBER || argument.value < -MAX_NUMBER) return undefined;
    return Number(argument.value);
  }

  #extra(): string {
    if (this.#isReordered || this.#next >= this.#arguments.length) return '';
    const extra = this.#arguments.slice(this.#next).map((argument) => typed(argument, plainLayout()));
    return `%!(EXTRA ${extra.join(', ')})`;
  }
}

/** Go stops where the digits before the last one are too large already. */
function numberIn(digits: string): number | undefined {
  if (!/^[0-9]+$/.test(digits)) return undefined;
  return Number(digits.slice(0, -1)) > Number(MAX_NUMBER) ? undefined : Number(digits);
}

function formatDirective(argument: Argument, verb: string, layout: Layout): string {
  if (verb === 'T') {
    return argument.type === 'nil' ? pad('<nil>', layout) : pad(truncate(argument.type, layout), layout);
  }
  if (verb === 'p' && (argument.type === '[]interface {}' || argument.type === 'map[string]interface {}')) {
    throw new BuiltinError('the address of a value in memory is another one each time');
  }
  if (verb !== 'v' && verb !== 'w') return formatArgument(argument, verb, layout);
  // With `v` (and with `w`, which is its like for errors), sharp and plus ask for another syntax, which numbers don't have.
  const inner = { ...layout, sharp: false, plus: false };
  const syntax = layout.sharp ? '#v' : 'v';
  return verb === 'v' ? formatArgument(argument, syntax, inner) : `%!w(${typed(argument, inner, syntax)})`;
}
