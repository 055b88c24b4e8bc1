/** What the gateway read out of a call's arguments: nothing is decided by it, policy sees it as `input.facts`. */
export interface Facts {
  readonly shell?: readonly (Place & ShellFacts)[];
  readonly sql?: readonly (Place & SqlFacts)[];
  readonly url?: readonly (Place & UrlFacts)[];
  readonly path?: readonly (Place & PathFacts)[];
}

/** How a text in an argument is to be read. */
export type FactKind = keyof Facts;

/** Where a text stands. */
export interface Place {
  /** JSON Pointer (RFC 6901) from the arguments: `/command`. */
  readonly argument: string;
}

/** A command line of bash or a POSIX shell. */
export interface ShellFacts {
  /** Whether all of it was read for certain. What is not may run anything. */
  readonly readable: boolean;
  /** Every command in it, wherever it stands: in pipes, substitutions, loops, functions, behind `sudo`, in `sh -c '…'`. */
  readonly commands: readonly ShellCommand[];
}

/** One command. What is known only when it runs is null. */
export interface ShellCommand {
  /** The program's name without its path, quotes and escapes. */
  readonly program: string | null;
  /** The same with the path that it was written with. */
  readonly path: string | null;
  /** After quotes and escapes were resolved. Patterns such as `*.txt` stay patterns. */
  readonly arguments: readonly (string | null)[];
  /** Options: of `--force=yes` the name, of `-rf` also `-r` and `-f`. None behind `--`. */
  readonly flags: readonly string[];
  /** Names of the variables that are set for it, or by it. */
  readonly assigns: readonly string[];
  readonly redirections: readonly Redirection[];
  /** Where its standard input comes from, if not from whoever calls. */
  readonly input: 'pipe' | 'file' | 'text' | null;
  /** The program whose output is piped into it. */
  readonly piped_from: string | null;
  /** Programs that run it, outermost first: `["sudo", "xargs"]`. */
  readonly via: readonly string[];
  /** What it stands in, innermost. */
  readonly within: 'substitution' | 'function' | 'text' | null;
}

/** Input or output that is a file. */
export interface Redirection {
  readonly operator: string;
  readonly target: string | null;
}

/** Statements of SQL, as PostgreSQL reads them. */
export interface SqlFacts {
  /** Whether PostgreSQL's own parser takes it. */
  readonly readable: boolean;
  /** How many statements there are, apart from those within others. */
  readonly count: number;
  /** Every statement in it, also within others: `WITH gone AS (DELETE …) SELECT …` has two. */
  readonly statements: readonly SqlStatement[];
}

/** One statement. Names are as PostgreSQL folds them: in lower case unless quoted. */
export interface SqlStatement {
  /** `SELECT`, `INSERT`, `UPDATE`, `DELETE`, `MERGE`, `COPY`, `DROP`, … in capitals. */
  readonly verb: string;
  /** Tables it names, `schema.table` where it says the schema; those of statements within it are theirs. */
  readonly tables: readonly string[];
  /** Of these, the ones that it changes. */
  readonly writes: readonly string[];
  /** What restricts the rows of an `UPDATE` or `DELETE`: nothing; a condition that names no column, and so takes all or none; one that does. */
  readonly where: 'none' | 'constant' | 'columns' | null;
  /** Functions it calls. */
  readonly functions: readonly string[];
  /** Whether it reads or writes a file of the database's machine, or runs a program there (`COPY`). */
  readonly outside: boolean;
  /** Whether it stands in another one. */
  readonly nested: boolean;
}

/** An address (WHATWG URL). */
export interface UrlFacts {
  readonly readable: boolean;
  /** Without the colon. */
  readonly scheme: string | null;
  /** In lower case; a number is written as the address that it is, IPv6 without brackets. */
  readonly host: string | null;
  readonly port: number | null;
  readonly path: string | null;
  /** Whether it names a user or a password. */
  readonly has_credentials: boolean;
  /**
   * Where the host is, as far as its text says: a name tells nothing until somebody looks it up. `metadata` is where clouds
   * tell a machine its own keys.
   */
  readonly network:
    | 'name'
    | 'public'
    | 'private'
    | 'loopback'
    | 'link_local'
    | 'metadata'
    | 'reserved'
    | null;
}

/** The path of a file. */
export interface PathFacts {
  readonly readable: boolean;
  /** With `.`, `..` and empty parts resolved, forward slashes. Null where it is not readable. */
  readonly normal: string | null;
  readonly absolute: boolean;
  /** Whether it leads out of the folder that it starts in. */
  readonly escapes: boolean;
  /** Whether something in it reads otherwise to who decodes it once more: `%2e%2e`, a backslash, a `~`. */
  readonly ambiguous: boolean;
}

/** Which argument of which tool is to be read, and as what: `data.settings.facts` of a bundle. */
export interface FactSource {
  readonly upstream: string;
  readonly tool: string;
  /** JSON Pointer from the arguments, in which a segment may be `*`, each child. */
  readonly argument: string;
  readonly read: FactKind;
}
