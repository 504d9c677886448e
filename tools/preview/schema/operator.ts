// What Prometheus Operator takes, in the types that are published of its definitions: a JSON schema is made from each type
// that is exported here.
import type { IComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoringV1PrometheusRuleSpec as PrometheusRuleSpec } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRuleSpec";
import type { IComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoringV1ServiceMonitorSpec as ServiceMonitorSpec } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitorSpec";

interface Metadata {
    name: string;
    namespace?: string;
    labels: Record<string, string>;
}

export interface PrometheusRule {
    apiVersion: "monitoring.coreos.com/v1";
    kind: "PrometheusRule";
    metadata: Metadata;
    spec: PrometheusRuleSpec;
}

export interface ServiceMonitor {
    apiVersion: "monitoring.coreos.com/v1";
    kind: "ServiceMonitor";
    metadata: Metadata;
    spec: ServiceMonitorSpec;
}
