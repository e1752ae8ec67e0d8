const EVENTS = ['session-start', 'pre-tool-use', 'post-tool-use'];

/**
 * The plugin that asks PopStash before and after each tool of opencode. It runs in opencode's own process (Bun), so it has no
 * imports but Node's, and gives up on what takes too long: then the edit passes, as `advisory` has it, or is refused.
 * @param word the command of a POSIX shell for an event
 */
export function writePlugin(word: (event: string) => string): string {
  return `// Installed by popstash init; popstash init --undo takes it out. Asks before each edit whether another agent holds the file.
// Runs: ${word('pre-tool-use')}
import { spawn } from "node:child_process"

const COMMANDS = {
${EVENTS.map((event) => `  ${JSON.stringify(event)}: ${JSON.stringify(word(event))},`).join('\n')}
}
const TIMEOUT_MS = 10_000

/** Runs a hook. In guarded mode an edit without an answer is refused. */
function ask(event, payload, cwd) {
  return new Promise((resolve) => {
    const line = COMMANDS[event]
    const options = { cwd, stdio: ["pipe", "pipe", "ignore"] }
    const child =
      process.platform === "win32" ? spawn(line, { ...options, shell: true }) : spawn("sh", ["-c", line], options)
    const timer = setTimeout(() => child.kill(), TIMEOUT_MS)
    const unanswered = () => {
      const isRefused = event === "pre-tool-use" && process.env.POPSTASH_GUARD === "guarded"
      resolve(isRefused ? { deny: "PopStash gave no answer, and POPSTASH_GUARD is guarded." } : null)
    }
    let text = ""
    child.stdout.on("data", (chunk) => (text += chunk))
    child.stdin.on("error", () => {})
    child.on("error", unanswered)
    child.on("close", (code) => {
      clearTimeout(timer)
      if (code !== 0) return unanswered()
      try {
        resolve(text === "" ? null : JSON.parse(text))
      } catch {
        unanswered()
      }
    })
    child.stdin.end(JSON.stringify(payload))
  })
}

export const PopStash = async ({ directory }) => {
  const begun = new Set()
  const waiting = new Map()
  const payload = (name, input, args) => ({
    hook_event_name: name,
    session_id: input.sessionID,
    tool_use_id: input.callID,
    tool_name: input.tool,
    tool_input: args,
    cwd: directory,
  })
  /** What an agent is told when its session begins; it reads that behind the answer of its first tool. */
  const begin = async (session) => {
    begun.add(session)
    const said = await ask("session-start", { hook_event_name: "session.created", session_id: session, cwd: directory }, directory)
    if (said?.context) waiting.set(session, said.context)
  }
  return {
    "tool.execute.before": async (input, output) => {
      if (!begun.has(input.sessionID)) await begin(input.sessionID)
      const said = await ask("pre-tool-use", payload("tool.execute.before", input, output.args), directory)
      if (said?.deny) throw new Error(said.deny)
    },
    "tool.execute.after": async (input, output) => {
      const said = await ask("post-tool-use", payload("tool.execute.after", input, input.args), directory)
      const told = [waiting.get(input.sessionID), said?.context].filter(Boolean)
      waiting.delete(input.sessionID)
      if (told.length > 0 && typeof output.output === "string") output.output += "\\n\\n" + told.join("\\n")
    },
  }
}
`;
}
