import type { ReactNode } from 'react';
import { useApi } from '../api/hooks';
import type { SharedBody } from '../api/lookup';
import { Page } from '../components/Page';
import { Answer, Note } from '../components/State';
import { formatTime } from '../lib/format';
import { useParams } from '../lib/router';
import { Result } from './Lookup';

/** A verdict that a colleague handed on: masked, only to be read, until its link expires. */
export default function Shared(): ReactNode {
  const [search] = useParams();
  const link = search.get('link') ?? '';
  const query = useApi<SharedBody>('/api/v1/lookup/shared', { link });
  const waiting = query.error === null ? 'Opening the link\u2026' : 'This link cannot be opened.';
  return (
    <Page title="Shared with you" sentence={query.data?.verdict.sentence ?? waiting}>
      <Answer query={query} height={480}>
        {(body) => (
          <>
            <Note>
              {body.shared_by} shared this; the link is good until {formatTime(body.until)}. That you opened it is on
              record.
            </Note>
            <Result body={body} shared />
          </>
        )}
      </Answer>
    </Page>
  );
}
