import { metrics, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Pipelines } from './create-pipelines.js';

/** Started and registered providers. */
export interface StartedProviders {
  shutdown(): Promise<void>;
}

/** The providers by themselves: a third of the time of the whole SDK, for processes that a client waits for. */
export async function startProviders(pipelines: Pipelines): Promise<StartedProviders> {
  const { resource, spanProcessors, metricReaders, views, logRecordProcessors } = pipelines;
  const started: StartedProviders[] = [];
  const tracerProvider = new NodeTracerProvider({ resource, spanProcessors });
  // Also without an exporter: it registers the context in which carriers and log lines find the active span.
  tracerProvider.register();
  started.push(tracerProvider);
  if (metricReaders.length > 0) {
    const { MeterProvider } = await import('@opentelemetry/sdk-metrics');
    const meterProvider = new MeterProvider({ resource, readers: metricReaders, views });
    metrics.setGlobalMeterProvider(meterProvider);
    started.push(meterProvider);
  }
  if (logRecordProcessors.length > 0) {
    const { LoggerProvider } = await import('@opentelemetry/sdk-logs');
    const loggerProvider = new LoggerProvider({ resource, processors: logRecordProcessors });
    logs.setGlobalLoggerProvider(loggerProvider);
    started.push(loggerProvider);
  }
  return {
    shutdown: async () => {
      await Promise.allSettled(started.map((provider) => provider.shutdown()));
      trace.disable();
    },
  };
}

/** The whole SDK by @opentelemetry/sdk-node, for processes that live long. */
export async function startSdk(pipelines: Pipelines): Promise<StartedProviders> {
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const { resource, spanProcessors, metricReaders, views, logRecordProcessors } = pipelines;
  // No detectors: a command line and a user's name are nobody's business. Its console logger would write to stdout.
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    spanProcessors,
    metricReaders,
    views,
    logRecordProcessors,
  });
  sdk.start();
  return sdk;
}
