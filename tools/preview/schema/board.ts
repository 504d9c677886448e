// What a board of ours may hold, in Grafana's own types: a JSON schema is made from each type that is exported here.
//
// `@grafana/schema` leaves a panel's options, its queries and its field options open, because a plugin may bring its own.
// Ours come from Grafana itself, which publishes their types too: each panel type is joined with them here.
import type {
    AnnotationQuery,
    AnnotationTarget,
    Dashboard,
    FieldConfig,
    FieldConfigSource,
    Panel,
    RowPanel,
    VariableModel,
} from "@grafana/schema";
import type * as BarGauge from "@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen";
import type * as Gauge from "@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen";
import type { PrometheusDataQuery } from "@grafana/schema/dist/esm/raw/composable/prometheus/dataquery/x/PrometheusDataQuery_types.gen";
import type * as Stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as StateTimeline from "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen";
import type * as Table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type * as Text from "@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen";
import type * as TimeSeries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

// The Prometheus plugin reads these of an annotation beside what every data source has.
interface Annotation extends Omit<AnnotationQuery, "target"> {
    target?: PrometheusDataQuery | AnnotationTarget;
    expr?: string;
    step?: string;
    titleFormat?: string;
    textFormat?: string;
    tagKeys?: string;
    useValueForTime?: boolean;
}

// What a query found when the board was saved stands beside it, and the published type leaves it out.
interface Variable extends VariableModel {
    definition?: string;
}

// The panels are judged one by one, each by the type that it names.
export interface Board extends Omit<Dashboard, "panels" | "annotations" | "templating"> {
    annotations?: { list?: Annotation[] };
    templating?: { list?: Variable[] };
    panels: Array<{ type: string; [key: string]: unknown }>;
}

interface DataLink {
    title: string;
    url: string;
    targetBlank?: boolean;
}

// What an override may set of a field, by the name of the setting; `custom.…` is in `CustomSettings`.
export interface FieldSettings extends Omit<FieldConfig, "custom" | "links"> {
    links?: DataLink[];
}

// A state timeline reads this too, and its published type leaves it out.
type NullsOverTime = Pick<TimeSeries.FieldConfig, "spanNulls">;

// What a field of each panel type has beside that.
export interface CustomSettings {
    bargauge: {};
    gauge: {};
    stat: {};
    "state-timeline": Partial<StateTimeline.FieldConfig> & NullsOverTime;
    table: Partial<Table.FieldConfig>;
    timeseries: Partial<TimeSeries.FieldConfig>;
}

interface Fields<Type extends keyof CustomSettings> extends Omit<FieldConfigSource, "defaults"> {
    defaults: FieldSettings & { custom?: CustomSettings[Type] };
}

// What a board leaves out of a panel's options, Grafana fills in.
interface Drawn<Type extends keyof CustomSettings, Options> extends Omit<
    Panel,
    "type" | "options" | "fieldConfig" | "targets"
> {
    type: Type;
    options: Partial<Options>;
    fieldConfig: Fields<Type>;
    targets: PrometheusDataQuery[];
}

interface TextPanel extends Omit<Panel, "type" | "options"> {
    type: "text";
    options: Text.Options;
}

interface Row extends Omit<RowPanel, "panels"> {
    panels: Board["panels"];
}

// A panel by its type.
export interface Panels {
    bargauge: Drawn<"bargauge", BarGauge.Options>;
    gauge: Drawn<"gauge", Gauge.Options>;
    row: Row;
    stat: Drawn<"stat", Stat.Options>;
    "state-timeline": Drawn<"state-timeline", StateTimeline.Options>;
    table: Drawn<"table", Table.Options>;
    text: TextPanel;
    timeseries: Drawn<"timeseries", TimeSeries.Options>;
}
