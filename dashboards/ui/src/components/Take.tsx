import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { post } from '../api/client';
import type { Alert } from '../api/alerting';
import { Failed } from './State';

/** Who has taken an alert, or the button to take it. */
export function Take({ alert }: { alert: Alert }): ReactNode {
  const client = useQueryClient();
  const ack = useMutation({
    mutationFn: () => post(`/api/v1/alerts/${encodeURIComponent(alert.id)}/ack`),
    onSettled: () => client.invalidateQueries({ queryKey: ['/api/v1/alerts'] }),
  });
  if (alert.acknowledged_by !== null) return alert.acknowledged_by;
  if (alert.state !== 'firing') return <span className="quiet">nobody</span>;
  return (
    <>
      <button className="plain" disabled={ack.isPending} onClick={() => ack.mutate()}>
        Take it
      </button>
      {ack.error !== null && <Failed error={ack.error} />}
    </>
  );
}
