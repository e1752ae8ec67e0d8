-- Finds passages whose vector a former model has made, so that the embedding worker can make it again. Parts of long
-- passages are made again with their passage.

CREATE INDEX passages_embedding_model_idx ON passages (embedding_model, id) WHERE tsv IS NOT NULL AND embedding_model IS NOT NULL;
