-- What texts name an agent by (AgentFacts in src/text/word-agent.ts). isMain: it works in the main checkout of its project.
CREATE OR REPLACE FUNCTION agent_facts(p_agent agents) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', p_agent.id, 'name', p_agent.name, 'client', p_agent.client,
    'person', p_agent.person, 'host', p_agent.host,
    'pid', p_agent.pid, 'worktree', p_agent.worktree, 'branch', p_agent.branch, 'terminal', p_agent.terminal,
    'task', p_agent.current_task, 'prompt', p_agent.last_prompt, 'isMain', coalesce((
      SELECT p.root IN (p_agent.worktree, p_agent.worktree || '/.git', p_agent.worktree || '\.git')
      FROM projects p WHERE p.id = p_agent.project_id), false));
$$;
