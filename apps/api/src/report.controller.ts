// HTTP, report step: a tenant and a period come in; its usage report goes out as a file, as it is read.
//
// What if the client goes away? The file is closed, and no further page is read. What if it reads slowly? So do we. What if a page cannot
// be read half-way, or we stop? The connection is cut, so that nobody takes the part for the whole.

import { addAbortSignal, Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Query, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { csvOf, reportGap, usageReport, xlsxOf, type Cells } from '@tollkeeper/usage-report';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Accounts } from './accounts.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { problem, refusedByLedger } from './problem.js';
import { reportNameOf, reportPeriodOf } from './report-period.js';
import { TenantPath } from './requests.js';

const MEDIA_TYPES = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;
type Format = keyof typeof MEDIA_TYPES;
type ReportFile = { readonly format: Format; readonly name: string };
const FORMATS = Object.keys(MEDIA_TYPES) as Format[];

/** Each keeps a processor busy for as long as its client can take it in. */
export const MAX_REPORTS_AT_ONCE = 4;
const MAX_INSTANT_CHARS = 40;

const PERIOD = { type: String, example: '2026-03-01' } as const;

export class ReportQuery {
  @ApiPropertyOptional({ ...PERIOD, description: 'Calls answered from then on: a day in UTC, or an instant.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_INSTANT_CHARS)
  readonly from?: string;

  @ApiPropertyOptional({ ...PERIOD, example: '2026-04-01', description: 'Calls answered before.' })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_INSTANT_CHARS)
  readonly to?: string;

  @ApiPropertyOptional({ enum: FORMATS, default: 'csv' })
  @IsIn(FORMATS)
  readonly format: Format = 'csv';
}

@ApiTags('report')
@Controller('v1/tenants/:tenant')
export class ReportController implements OnModuleDestroy {
  private readonly underWay = new Set<AbortController>();

  constructor(
    @Inject(API_PARTS) private readonly parts: ApiParts,
    @Inject(Accounts) private readonly accounts: Accounts,
  ) {}

  /** Before the server closes, which would wait for clients that read slowly. */
  onModuleDestroy(): void {
    for (const report of this.underWay) report.abort();
  }

  @Get('report')
  @ApiOperation({
    summary: "The usage report of a period, in the 20 columns of Microsoft's PSTN export; a moment behind the stream.",
  })
  @ApiProduces('text/csv', MEDIA_TYPES.xlsx)
  @ApiOkResponse({ description: 'A file.', schema: { type: 'string', format: 'binary' } })
  async report(
    @Param() { tenant }: TenantPath,
    @Query() { from, to, format }: ReportQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const period = reportPeriodOf(from, to);
    const country = await this.accounts.opened(tenant, ({ terms }) => terms.country);
    await this.refuseGaps(tenant);
    const file: ReportFile = { format, name: `${reportNameOf(tenant, period)}.${format}` };
    if (request.method === 'HEAD') return void named(reply, file).send();
    const { readStore, ring } = this.parts;
    return this.send(usageReport({ readStore, ring, country }, { tenant, ...period }), file, reply);
  }

  private async send(report: AsyncIterable<readonly Cells[]>, file: ReportFile, reply: FastifyReply): Promise<void> {
    if (this.underWay.size >= MAX_REPORTS_AT_ONCE) {
      throw problem('too-busy', `${MAX_REPORTS_AT_ONCE} reports are under way; try again shortly.`);
    }
    const end = new AbortController();
    this.underWay.add(end);
    try {
      // The first page before the first header: an engine that is down is told by a problem, not by a broken file.
      const pages = await begun(report);
      const content = file.format === 'xlsx' ? xlsxOf(pages) : Readable.from(csvOf(pages));
      content.once('close', () => this.underWay.delete(end));
      void named(reply, file).send(addAbortSignal(end.signal, content));
    } catch (error) {
      this.underWay.delete(end);
      throw error;
    }
  }

  /** A report that lacks calls would be taken for what was spent. */
  private async refuseGaps(tenant: string): Promise<void> {
    const gap = await reportGap(this.parts, tenant);
    if (gap === undefined) return;
    if (gap.kind === 'no-account') throw refusedByLedger({ code: 'account-not-open', reason: gap.says });
    if (gap.kind === 'behind') {
      throw problem('projection-lags', `${gap.says} See whether projections is running, then ask again.`);
    }
    const mend = 'Rebuild "calls" (console, Operations; or tollkeeper rebuild calls), then ask again.';
    throw problem('read-model-incomplete', `${gap.says} ${mend}`);
  }
}

function named(reply: FastifyReply, { format, name }: ReportFile): FastifyReply {
  return reply
    .header('content-type', MEDIA_TYPES[format])
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('cache-control', 'no-store');
}

async function begun<Page>(pages: AsyncIterable<Page>): Promise<AsyncIterable<Page>> {
  const iterator = pages[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* all(): AsyncIterable<Page> {
    try {
      for (let page = first; page.done !== true; page = await iterator.next()) yield page.value;
    } finally {
      await iterator.return?.();
    }
  })();
}
