import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { Action } from '../api/actions';
import { post } from '../api/client';
import { ReasonDialog } from '../components/ReasonDialog';

export const ACTIONS = '/api/v1/actions';

/** Turns a remedy off, or on again, for a reason. */
export function RemedyTurn({ action: { name, disabled } }: { action: Action }): ReactNode {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const [verb, way] = disabled === null ? ['off', 'disable'] : ['on', 'enable'];
  const turn = useMutation({
    mutationFn: (why: string) => post<Action>(`${ACTIONS}/${encodeURIComponent(name)}/${way}`, { why }),
    onSuccess: () => {
      setAsking(false);
      return client.invalidateQueries({ queryKey: [ACTIONS] });
    },
  });
  const open = (): void => {
    turn.reset();
    setAsking(true);
  };
  return (
    <>
      <button aria-label={`Turn ${verb} ${name}`} onClick={open}>
        Turn {verb}
      </button>
      {asking && (
        <ReasonDialog
          title={`Turn ${verb} ${name}`}
          note={
            disabled === null
              ? 'It then refuses every alert, and what waits to be sent is taken back. The audit trail keeps your name and the reason.'
              : 'It then decides about open alerts again. The audit trail keeps your name and the reason.'
          }
          label="Why"
          action={`Turn ${verb}`}
          least={1}
          busy={turn.isPending}
          error={turn.error}
          go={turn.mutate}
          close={() => setAsking(false)}
        />
      )}
    </>
  );
}
