# Writes the series of a fleet as OpenMetrics: links of 4 tasks each, over `minutes` minutes until `now`, a sample every
# `step` seconds. All is well, but every `sick`-th link has a task in error (0: none has).
#
# The families are those that the alert rules read; a test compares them with the rules.

function add(family, labels, value) {
  series[count] = family "{job=\"cluster-link-exporter\",instance=\"exporter:9890\"" labels "}"
  values[count++] = value
}

function add_set(family, labels, label, words, current,    all, total, i) {
  total = split(words, all, " ")
  for (i = 1; i <= total; i++)
    add(family, labels "," label "=\"" all[i] "\"", all[i] == current ? 1 : 0)
}

function add_task(link, task, state,    labels) {
  labels = link ",task_name=\"" task "\""
  add_set("clusterlink_task_state", labels, "state",
    "ACTIVE IN_ERROR NOT_CONFIGURED LINK_FAILED LINK_UNAVAILABLE LINK_PAUSED UNKNOWN", state)
  add("clusterlink_task_state_transitions_total", labels, 3)
  add("clusterlink_expectation_met", labels ",expectation=\"task_state\"", 1)
}

function add_link(cluster, number,    labels, state) {
  labels = cluster ",link_name=\"link-" number "\""
  add_set("clusterlink_link_state", labels, "state", "ACTIVE FAILED UNAVAILABLE PAUSED UNKNOWN", "ACTIVE")
  add("clusterlink_link_state_transitions_total", labels, 3)
  add("clusterlink_link_poll_success", labels, 1)
  add("clusterlink_link_tasks_reported", labels, 1)
  add_set("clusterlink_mirror_topics", labels, "mirror_status",
    "ACTIVE FAILED LINK_FAILED LINK_PAUSED PAUSED PENDING_STOPPED SOURCE_UNAVAILABLE STOPPED PENDING_MIRROR" \
    " PENDING_SYNCHRONIZE PENDING_SETUP_FOR_RESTORE PENDING_RESTORE UNKNOWN", "none")
  add("clusterlink_mirror_stalled_topics", labels, 0)
  add("clusterlink_expectation_met", labels ",expectation=\"state\"", 1)
  add("clusterlink_expectation_met", labels ",expectation=\"rpo\"", 1)
  add("clusterlink_pair_consistent", labels ",remote_cluster_id=\"lkc-b\",check=\"remote_link_exists\"", 1)
  add("clusterlink_pair_consistent", labels ",remote_cluster_id=\"lkc-b\",check=\"states_agree\"", 1)
  state = sick && number % sick == 0 ? "IN_ERROR" : "ACTIVE"
  if (state == "IN_ERROR") {
    add("clusterlink_link_config_finding", labels ",finding=\"acl_sync_without_filters\"", 1)
    add("clusterlink_judgement_unknown", labels ",judgement=\"mirror_statuses\",reason=\"failed\"", 1)
  }
  add_task(labels, "AclSync", state)
  add_task(labels, "AutoCreateMirror", "ACTIVE")
  add_task(labels, "ConsumerOffsetSync", "ACTIVE")
  add_task(labels, "TopicConfigsSync", "ACTIVE")
}

function add_cluster(number,    labels) {
  labels = ",cluster_name=\"cluster-" number "\",cluster_id=\"lkc-" number "\""
  add("clusterlink_links", labels, links / clusters)
  add("clusterlink_poll_success", labels, 1)
  add("clusterlink_poll_interval_seconds", labels, 30)
  add("clusterlink_poll_last_success_timestamp_seconds", labels, "now")
  add("clusterlink_details_success", labels ",endpoint=\"configs\"", 1)
  add("clusterlink_details_success", labels ",endpoint=\"mirrors\"", 1)
  add("clusterlink_api_requests_total", labels ",endpoint=\"links\",code=\"200\"", 7)
  add("clusterlink_api_requests_total", labels ",endpoint=\"link\",code=\"200\"", 7)
  add("clusterlink_unrecognized_values_total", labels ",field=\"task_state\"", 0)
  add("clusterlink_exporter_credential_expiry_timestamp_seconds", labels, 4000000000)
  return labels
}

BEGIN {
  count = 0
  add("up", "", 1)
  add("clusterlink_discovery_success", ",discovery=\"api.confluent.cloud\"", 1)
  add("process_start_time_seconds", "", 1)
  add("clusterlink_exporter_config_last_reload_successful", "", 1)
  add("clusterlink_notifications_total", ",receiver=\"ops\",outcome=\"delivered\"", 7)
  for (c = 0; c < clusters; c++) {
    labels = add_cluster(c)
    for (l = c; l < links; l += clusters)
      add_link(labels, l)
  }
  for (at = now - 60 * minutes; at <= now; at += step)
    for (i = 0; i < count; i++)
      print series[i], values[i] == "now" ? at : values[i], at
  print "# EOF"
  print count > "/dev/stderr"
}
