// The HTTP API as a Nest module: its parts come in ready made; controllers and what they share go out.

import { Module, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import { Accounts } from './accounts.js';
import { AuthorizationsController } from './authorizations.controller.js';
import { Authorizations } from './authorizations.js';
import { AdjustmentsController } from './adjustments.controller.js';
import { BalanceHistory } from './balance-history.js';
import { Balances } from './balances.js';
import { Calls } from './calls.js';
import { CallsController } from './calls.controller.js';
import { CdrUploads } from './cdr-uploads.js';
import { CdrsController } from './cdrs.controller.js';
import { CreditController } from './credit.controller.js';
import { EngineWatch } from './engine-watch.js';
import { ExpirySweep } from './expiry-sweep.js';
import { Explanations } from './explanations.js';
import { FundingController } from './funding.controller.js';
import { HistoryController } from './history.controller.js';
import { IdempotencyKeys } from './idempotency.js';
import { LiveBalances } from './live-balances.js';
import { Operator } from './operator.js';
import { UPKEEP_CONTROLLERS, upkeepProviders } from './upkeep.js';
import { OpenApiDocument, OperationsController } from './operations.controller.js';
import { API_PARTS, type ApiParts } from './parts.js';
import { People } from './people.js';
import { PeopleController } from './people.controller.js';
import { PricesController } from './prices.controller.js';
import { RechargeHistory } from './recharge-history.js';
import { ReportController } from './report.controller.js';
import { TenantsController } from './tenants.controller.js';
import { TermsController } from './terms.controller.js';
import { Webhooks } from './webhooks.js';
import { WebhooksController } from './webhooks.controller.js';

@Module({})
export class ApiModule implements OnModuleDestroy {
  constructor(private readonly live: LiveBalances) {}

  static register(parts: ApiParts): DynamicModule {
    const { streamWriter, readStore, bus, sources, options } = parts;
    const accounts = new Accounts(streamWriter, options.nowMs);
    const balances = new Balances(readStore);
    return {
      module: ApiModule,
      controllers: [
        TenantsController,
        FundingController,
        AdjustmentsController,
        CreditController,
        PricesController,
        CdrsController,
        AuthorizationsController,
        OperationsController,
        PeopleController,
        TermsController,
        WebhooksController,
        ...UPKEEP_CONTROLLERS,
        HistoryController,
        CallsController,
        ReportController,
      ],
      providers: [
        { provide: API_PARTS, useValue: parts },
        { provide: Accounts, useValue: accounts },
        { provide: Authorizations, useValue: new Authorizations(parts, accounts) },
        { provide: Balances, useValue: balances },
        { provide: BalanceHistory, useValue: new BalanceHistory(parts, balances) },
        { provide: Calls, useValue: new Calls(parts) },
        { provide: Explanations, useValue: new Explanations(parts) },
        { provide: RechargeHistory, useValue: new RechargeHistory(parts) },
        { provide: IdempotencyKeys, useValue: new IdempotencyKeys(readStore, options.nowMs) },
        { provide: CdrUploads, useValue: new CdrUploads(bus, sources, options.cdrTopic) },
        { provide: LiveBalances, useValue: new LiveBalances(parts) },
        { provide: ExpirySweep, useValue: new ExpirySweep(parts, accounts) },
        { provide: People, useValue: new People(parts, accounts) },
        { provide: Webhooks, useValue: new Webhooks(parts, accounts) },
        { provide: Operator, useValue: new Operator(parts) },
        { provide: EngineWatch, useValue: new EngineWatch(parts) },
        ...upkeepProviders(parts),
        OpenApiDocument,
      ],
    };
  }

  /** Before the server closes, which would wait for these connections. */
  onModuleDestroy(): void {
    this.live.close();
  }
}
