import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { RunningDemo } from './demo.js';
import type { DemoAddresses } from './running.js';
import { APPROVER } from './secrets.js';
import { CLI } from './state.js';

/**
 * What stands on the terminal once the demo runs: where everything is, and a command to paste for each kind of
 * decision. The commands use a few shell functions, written beside the state for whoever wants to see the HTTP.
 */
export async function welcome({
  addresses: demo,
  approverPassword,
}: Pick<RunningDemo, 'addresses' | 'approverPassword'>): Promise<string> {
  const helpers = join(demo.state_directory, 'demo.sh');
  await writeFile(helpers, shellFunctions(demo));
  return `
Regate is ready.

  gateway            ${demo.gateway}/mcp/everything and ${demo.gateway}/mcp/backoffice
  bundle server      ${demo.bundle_server}
  identity provider  ${demo.issuer}
  approvers' page    ${demo.gateway}/approvals
                     sign in there as ${APPROVER.name}; password: ${approverPassword}
  keys, logs, state  ${fromHere(demo.state_directory)}

Everything at a glance:  npm run tour
Or by hand, in another terminal here:

  . ${fromHere(helpers).padEnd(52)}# a few lines of curl and the regate command
  token support-agent                                   # a machine's own token; it signs every call below
  list                                                  # tools the agent may call; others are not even listed
  call find_customer '{"query":"ada"}'                  # allowed, with card and mail address masked
  call run_command '{"command":"rm -rf /"}'             # denied: the program is blocked
  call refund_payment '{"payment_id":"p-1","amount":20,"currency":"EUR"}'    # allowed
  call refund_payment '{"payment_id":"p-1","amount":800,"currency":"EUR"}'   # held: a human must approve
  regate approvals list                                 # the human's view of it; or open the approvers' page
  regate approvals approve ID                           # or approve it there; then send the same call again
  regate revoke --subject support-agent --for 1m --reason lost      # for a minute it is nobody, streams and all
  regate audit tail                                     # every decision, with its reasons and revision
  regate fleet --url $REGATE_BUNDLES                    # which gateway runs which policy

Stop with Ctrl-C.
`;
}

function shellFunctions(demo: DemoAddresses): string {
  return `# Functions to try the demo by hand. Load them in a shell: . ${fromHere(join(demo.state_directory, 'demo.sh'))}
export REGATE_GATEWAY='${demo.gateway}'
export REGATE_BUNDLES='${demo.bundle_server}'
export REGATE_CREDENTIALS='${demo.credentials['platform-oncall']}'

# token CLIENT: an access token of support-agent or platform-oncall, as a workload gets it (RFC 6749, 4.4).
token() {
  secret=$(node -p 'JSON.parse(fs.readFileSync(process.argv[1])).client_secret' '${join(demo.state_directory, 'credentials')}/'"$1.json")
  curl -s '${demo.issuer}/token' -u "$1:$secret" -d grant_type=client_credentials |
    node -p 'JSON.parse(fs.readFileSync(0)).access_token'
}

# post BODY [CURL OPTION…]: one JSON-RPC message to the back office, as the support agent.
post() {
  body=$1
  shift
  curl -s '${demo.gateway}/mcp/backoffice' -H "Authorization: Bearer $(token support-agent)" \\
    -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\
    -H 'MCP-Protocol-Version: 2025-11-25' -d "$body" "$@"
}

# session: opens an MCP session and prints its id.
session() {
  id=$(post '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"curl","version":"1"}}}' \\
    -o /dev/null -D - | tr -d '\\r' | awk 'tolower($1) == "mcp-session-id:" { print $2 }')
  post '{"jsonrpc":"2.0","method":"notifications/initialized"}' -H "Mcp-Session-Id: $id"
  echo "$id"
}

# in_session BODY: one message in a session, opened by the first.
in_session() {
  [ -n "$SESSION" ] || SESSION=$(session)
  post "$1" -H "Mcp-Session-Id: $SESSION"
  echo
}

# list: the tools that the support agent may call.
list() { in_session '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'; }

# call TOOL ARGUMENTS: calls a tool of the back office.
call() { in_session '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"'"$1"'","arguments":'"$2"'}}'; }

# regate …: the program as it was built. It approves, and reads the audit, as the on-call platform engineer.
regate() {
  case "$1 $2" in
    'audit tail') node '${CLI}' "$@" --config '${demo.configuration}' ;;
    *) node '${CLI}' "$@" ;;
  esac
}
`;
}

function fromHere(path: string): string {
  return relative(process.cwd(), path) || '.';
}
