-- Whether the hooks of an agent's client are in force: the truth that doctor, status, ping and start_task tell.

ALTER TABLE agents ADD COLUMN hooks_heard_at timestamptz(6);
