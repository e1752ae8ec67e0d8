-- What old agents, sessions and announcements are deleted by, and what their foreign keys are checked by.

CREATE INDEX announcements_agent_id_created_at_idx ON announcements (agent_id, created_at);
CREATE INDEX agents_gone_idx ON agents (disconnected_at) WHERE status = 'disconnected';
CREATE INDEX sessions_agent_id_idx ON sessions (agent_id);
CREATE INDEX sessions_ended_at_idx ON sessions (ended_at);
CREATE INDEX stashes_created_by_idx ON stashes (created_by);
CREATE INDEX insights_created_by_idx ON insights (created_by);
CREATE INDEX decisions_created_by_idx ON decisions (created_by);
