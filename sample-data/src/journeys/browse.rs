//! Looking: signing in, quotes, the portfolio page.

use opentelemetry::logs::Severity;

use super::authorize;
use crate::customers::CustomerId;
use crate::market::Market;
use crate::platform::Platform;
use crate::topology::Service::{Auth, Gateway, MarketData, Portfolio, Wallet};
use crate::trace::attribute;

impl Platform {
    /// `POST /v1/sessions`: five spans.
    pub(super) fn sign_in(&mut self, customer: CustomerId, ts: i64) {
        let session = self.scene.id("ses");
        let email = self.customers.get(customer).email();
        let mut trace = self.customer_trace(customer, ts);
        self.launch(async move {
            trace
                .request("POST /v1/sessions", async |t| {
                    let status = t.http(Gateway, Auth, "POST /sessions", async |t| {
                        t.db(Auth, "SELECT users", 1_400.0).await?;
                        t.spend(38_000.0, 0.2);
                        if t.chance(0.05) {
                            t.log(Severity::Warn, "sign-in refused: wrong password", vec![]);
                            t.db(Auth, "UPDATE users", 1_600.0).await?;
                            return Ok(401);
                        }
                        t.cache(Auth, "SET").await;
                        let attributes =
                            vec![attribute("session.id", session), attribute("customer.email", email)];
                        t.event("session.started", "session started", attributes);
                        Ok(201)
                    });
                    Ok(status.await)
                })
                .await;
            trace.end()
        });
    }

    /// `GET /v1/quotes/{symbol}`: four to six spans.
    pub(super) fn quote(&mut self, customer: CustomerId, ts: i64) {
        let venue = self.customers.get(customer).venue;
        let symbol = self.any_symbol(venue);
        let mut trace = self.customer_trace(customer, ts);
        self.launch(async move {
            trace
                .request("GET /v1/quotes/{symbol}", async |t| {
                    t.tag("symbol", Market::ticker(symbol));
                    t.cache(Gateway, "GET").await;
                    let status =
                        t.http_retried(Gateway, MarketData, "GET /quotes/{symbol}", 0.004, async |t| {
                            t.cache(MarketData, "HGETALL").await;
                            if t.chance(0.3) {
                                t.cache(MarketData, "ZRANGE").await;
                            }
                            t.spend(1_800.0, 0.5);
                            if t.chance(0.0008) {
                                t.exception("FeedStale", "no price for 30 s");
                                return Ok(503);
                            }
                            Ok(200)
                        });
                    Ok(status.await)
                })
                .await;
            trace.end()
        });
    }

    /// `GET /v1/portfolios/{id}`: thirteen spans, two branches side by side.
    pub(super) fn view_portfolio(&mut self, customer: CustomerId, ts: i64) {
        let portfolio = self.customers.get(customer).portfolio();
        let mut trace = self.customer_trace(customer, ts);
        self.launch(async move {
            trace
                .request("GET /v1/portfolios/{id}", async |t| {
                    t.tag("portfolio.id", portfolio);
                    authorize(t).await?;
                    let status = t.http(Gateway, Portfolio, "GET /portfolios/{id}", async |t| {
                        t.db(Portfolio, "SELECT positions", 3_200.0).await?;
                        t.both(
                            async |t| {
                                t.grpc(Portfolio, MarketData, "market.Quotes/GetMany", async |t| {
                                    t.cache(MarketData, "MGET").await;
                                    Ok(())
                                })
                                .await
                            },
                            async |t| {
                                t.grpc(Portfolio, Wallet, "wallet.Balances/Get", async |t| {
                                    t.db(Wallet, "SELECT balances", 1_300.0).await
                                })
                                .await
                            },
                        )
                        .await?;
                        t.spend(2_500.0, 0.4);
                        if t.chance(0.001) {
                            t.exception("ValuationError", "position without a price");
                            return Ok(500);
                        }
                        Ok(200)
                    });
                    Ok(status.await)
                })
                .await;
            trace.end()
        });
    }
}
