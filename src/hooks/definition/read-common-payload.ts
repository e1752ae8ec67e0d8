import { cutText } from '../../text/clip-text.js';
import type { ReadTool, ToolUse } from './hook-format.js';
import { asInput, asText, asTexts, type Fields } from './payload-fields.js';

/** Characters of a prompt that are sent: its first words are kept, without secrets that begin there. */
const MAX_PROMPT = 2_000;

/** The format that most clients share: the session, the event and the tool call as fields in snake_case or camelCase. */
export function readCommonPayload(fields: Fields, readTool: ReadTool): ToolUse {
  const prompt = asText(fields.prompt);
  const agent = asText(fields.agent_id) ?? asText(fields.subagent_id) ?? asText(fields.agentId);
  return {
    cwd: asText(fields.cwd) ?? asTexts(fields.workspace_roots)[0],
    session: asText(fields.session_id) ?? asText(fields.conversation_id) ?? asText(fields.sessionId),
    // A subagent has its parent's session id, and an id of its own besides.
    subagent: agent
      ? {
          id: agent,
          kind: asText(fields.agent_type) ?? asText(fields.subagent_type) ?? asText(fields.agentType) ?? 'subagent',
        }
      : undefined,
    call: asText(fields.tool_use_id) ?? asText(fields.generation_id) ?? asText(fields.toolCallId),
    eventName: asText(fields.hook_event_name) ?? asText(fields.hookEventName),
    continued: fields.stop_hook_active === true || undefined,
    prompt: prompt === undefined ? undefined : cutText(prompt, MAX_PROMPT),
    transcripts: listTranscripts(fields),
    ...readTool(
      asText(fields.tool_name) ?? asText(fields.toolName),
      asInput(fields.tool_input ?? fields.toolInput ?? fields.tool_args ?? fields.toolArgs),
    ),
  };
}

/** The session's transcript, and a subagent's own. */
function listTranscripts(fields: Fields): string[] | undefined {
  const paths = [asText(fields.transcript_path) ?? asText(fields.transcriptPath), asText(fields.agent_transcript_path)];
  const named = paths.filter((path) => path !== undefined);
  return named.length > 0 ? named : undefined;
}
