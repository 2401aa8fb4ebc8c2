//! What the template must say, asked of what SAM makes of it: a word that is
//! wrong there mostly passes the linters and does nothing.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use shared::jobs::Policy;
use tokio::process::Command;
use tokio::sync::OnceCell;

use tests::support::python::output;

use super::{file, python, root};

/// What SAM adds so that a function can write its logs and traces; AWS defines
/// these two for every resource.
const TELEMETRY: [&str; 2] = [
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess",
];
/// What a worker keeps in reserve beyond an attempt, in seconds.
const RESERVE: u64 = 10;

/// The template as written and as SAM hands it on.
pub(super) struct Template {
    source: Value,
    translated: Value,
}

impl Template {
    /// Read once for all who ask.
    pub(super) async fn read() -> Result<&'static Self> {
        static READ: OnceCell<Template> = OnceCell::const_new();
        READ.get_or_try_init(Self::translate).await
    }

    async fn translate() -> Result<Self> {
        let mut python = Command::new(python::emulator().await?.join("python"));
        python.arg(file("template.py")).arg(root()?.join("template.yaml"));
        python.env("AWS_DEFAULT_REGION", "us-east-1").env("PYTHONDONTWRITEBYTECODE", "1");
        let mut both: Value = serde_json::from_str(&output(&mut python).await?)?;
        Ok(Self { source: both["source"].take(), translated: both["translated"].take() })
    }

    /// The resources of a type after translation: name and properties.
    fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        of_kind(&self.translated, kind).map(|(name, resource)| (name, &resource["Properties"]))
    }

    /// The functions as written: name and binary.
    pub(super) fn functions(&self) -> Result<Vec<(&str, &str)>> {
        let all = of_kind(&self.source, "AWS::Serverless::Function").map(|(name, function)| {
            let code = function["Properties"]["CodeUri"].as_str().context("a folder")?;
            let bin =
                code.strip_prefix("target/functions/").and_then(|code| code.strip_suffix('/'));
            Ok((name, bin.with_context(|| format!("{name} is elsewhere: {code}"))?))
        });
        all.collect()
    }

    /// The properties of the resource that this value refers to.
    fn behind(&self, reference: &Value) -> &Value {
        let name = reference["Ref"].as_str().or(reference["Fn::GetAtt"][0].as_str());
        &self.translated["Resources"][name.unwrap_or_default()]["Properties"]
    }
}

fn of_kind<'a>(template: &'a Value, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let resources = template["Resources"].as_object().into_iter().flatten();
    let resources = resources.map(|(name, resource)| (name.as_str(), resource));
    resources.filter(move |(_, resource)| resource["Type"] == kind)
}

fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// Whoever may send mail is said by the identity, without which every mail is refused.
#[tokio::test]
async fn a_sender_of_mail_needs_an_identity() -> Result<()> {
    let template = Template::read().await?;
    for template in [&template.source, &template.translated] {
        let rule = &template["Rules"]["MailIsSentBySomebody"];
        let condition = json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": "MailFrom" }, ""] }] });
        let assertion =
            json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": "MailIdentity" }, "none"] }] });
        assert_eq!(
            (&rule["RuleCondition"], &rule["Assertions"][0]["Assert"]),
            (&condition, &assertion)
        );
    }
    Ok(())
}

#[tokio::test]
async fn every_function_is_a_binary_and_logs_for_a_limited_time() -> Result<()> {
    let template = Template::read().await?;
    for (name, function) in of_kind(&template.source, "AWS::Serverless::Function") {
        assert_eq!(function["Metadata"]["SkipBuild"], true, "{name}");
    }
    let packaged = template.functions()?.into_iter().map(|(_, bin)| bin.to_owned());
    let packaged: BTreeSet<_> = packaged.collect();
    let mut binaries = BTreeSet::new();
    for entry in std::fs::read_dir(root()?.join("functions/src/bin"))? {
        let path = entry?.path();
        binaries.insert(path.file_stem().context("a name")?.to_string_lossy().into_owned());
    }
    assert_eq!(packaged, binaries);

    let functions: Vec<_> = template.all("AWS::Lambda::Function").collect();
    assert_eq!(functions.len(), binaries.len());
    for (name, function) in functions {
        assert_eq!(function["Runtime"], "provided.al2023", "{name}");
        let log = template.behind(&function["LoggingConfig"]["LogGroup"]);
        assert!(!log["RetentionInDays"].is_null(), "{name} logs for ever");
    }
    Ok(())
}

#[tokio::test]
async fn a_hint_is_redelivered_alone_in_time_and_never_for_ever() -> Result<()> {
    let template = Template::read().await?;
    let number = |value: &Value| value.as_u64().context("a number");
    let mut mappings = 0;
    for (name, mapping) in template.all("AWS::Lambda::EventSourceMapping") {
        let queue = template.behind(&mapping["EventSourceArn"]);
        let timeout = number(&template.behind(&mapping["FunctionName"])["Timeout"])?;
        assert_eq!(mapping["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
        assert!(!mapping["ScalingConfig"]["MaximumConcurrency"].is_null(), "{name}");
        assert!(number(&mapping["BatchSize"])? <= 10, "{name}");
        assert!(number(&queue["VisibilityTimeout"])? >= 6 * timeout, "{name}");
        let attempt = Policy::default().attempt_timeout.as_secs();
        // Who watches is told or not; that is no job, and has no attempts.
        let of_jobs = name != "LiveFanoutHints";
        let enough = timeout >= attempt + RESERVE;
        assert!(enough || !of_jobs, "{name}: {timeout} s for attempts of {attempt} s");

        let redrive = &queue["RedrivePolicy"];
        let dead = template.behind(&redrive["deadLetterTargetArn"]);
        assert!(number(&redrive["maxReceiveCount"])? >= 5, "{name}");
        let kept = |queue: &Value| number(&queue["MessageRetentionPeriod"]);
        assert!(kept(dead)? > kept(queue)?, "{name}");
        mappings += 1;
    }
    assert!(mappings > 0);
    for (name, queue) in template.all("AWS::SQS::Queue") {
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn a_role_names_what_it_may_do_and_to_what() -> Result<()> {
    let template = Template::read().await?;
    let mut readers_of_secrets = BTreeSet::new();
    for (name, role) in template.all("AWS::IAM::Role") {
        for managed in items(&role["ManagedPolicyArns"]) {
            assert!(
                managed.as_str().is_some_and(|arn| TELEMETRY.contains(&arn)),
                "{name}: {managed}"
            );
        }
        let documents =
            items(&role["Policies"]).into_iter().map(|policy| &policy["PolicyDocument"]);
        for statement in documents.flat_map(|document| items(&document["Statement"])) {
            let (actions, resources) = (&statement["Action"], &statement["Resource"]);
            assert_eq!(statement["Effect"], "Allow", "{name}");
            assert!(!actions.is_null() && !actions.to_string().contains('*'), "{name}: {actions}");
            if actions.to_string().contains("secretsmanager:") {
                readers_of_secrets.insert(name);
            }
            // The secrets of tenants are this stack's, whatever they are called.
            let resources = resources.to_string().replace(":secret:${AWS::StackName}/*", "");
            // The connections of one API, of which each has its own name.
            let resources = resources.replace("${LiveApi}/${Stage}/POST/@connections/*", "");
            let resources = resources.replace("${LiveApi}/${Stage}/DELETE/@connections/*", "");
            assert!(resources != "null" && !resources.contains('*'), "{name}: {resources}");
        }
    }
    let expected = [
        "ConnectionsRole",
        "ContactCenterRole",
        "EnjazRole",
        "EnjazWorkerRole",
        "NoticeWorkerRole",
        "NotificationsRole",
        "OnecRole",
        "PegaFiguresRole",
        "PegaCasesRole",
        "PegaIntakeRole",
        "PegaWorkerRole",
        "RunWorkerRole",
        "SourcesRole",
        "SupportWorkerRole",
        "WebhookWorkerRole",
        "WebhooksRole",
        "WorkforceWorkerRole",
    ];
    assert_eq!(readers_of_secrets, BTreeSet::from(expected));
    Ok(())
}

#[tokio::test]
async fn the_api_has_the_routes_of_the_document() -> Result<()> {
    let template = Template::read().await?;
    let mut routes = BTreeSet::new();
    for (_, api) in template.all("AWS::ApiGateway::RestApi") {
        assert_eq!(api["EndpointConfiguration"]["Types"], json!(["REGIONAL"]));
        routes.extend(routes_in(&api["Body"]));
        says_its_own_answers_as_problems(&api["Body"])?;
    }
    let stages: Vec<_> = template.all("AWS::ApiGateway::Stage").collect();
    assert_eq!(stages.len(), 1, "one stage, and not SAM's second one");
    assert_eq!(stages[0].1["TracingEnabled"], true);
    let document: Value =
        serde_json::from_str(&std::fs::read_to_string(root()?.join("openapi.json"))?)?;
    let mut served = BTreeSet::new();
    for (verb, path) in routes_in(&document) {
        for base in bases(&path) {
            for verb in [verb.as_str(), "options"] {
                let route = route_of(&routes, verb, &format!("{base}{path}"));
                served.insert(route.with_context(|| format!("{verb} {base}{path}"))?);
            }
        }
    }
    assert_eq!(routes, served, "a route serves nothing");
    Ok(())
}

/// A function's policy names each of its routes, some 450 bytes for one, and may have
/// 20,480 bytes; what is over that is refused when it is deployed, and not before.
#[tokio::test]
async fn no_function_has_more_routes_than_its_policy_holds() -> Result<()> {
    let template = Template::read().await?;
    let mut routes = BTreeMap::<String, usize>::new();
    for (_, permission) in template.all("AWS::Lambda::Permission") {
        let of = permission["FunctionName"].to_string();
        *routes.entry(of).or_default() += 1;
    }
    assert!(routes.len() > 5, "only {routes:?}");
    assert!(routes.values().all(|count| *count <= 45), "{routes:?}");
    Ok(())
}

/// What a path answers below beside itself.
fn bases(path: &str) -> &'static [&'static str] {
    if path.starts_with("/integrations/") { &["", "/api/v1"] } else { &[""] }
}

/// The route that API Gateway takes: the path's own, or the longest beginning of it that
/// takes everything below.
fn route_of(
    routes: &BTreeSet<(String, String)>,
    verb: &str,
    path: &str,
) -> Option<(String, String)> {
    let named = |path: String| {
        let verbs = [verb, "x-amazon-apigateway-any-method"];
        let mut routes_of_it = verbs.iter().map(|verb| ((*verb).to_owned(), path.clone()));
        routes_of_it.find(|one| routes.contains(one))
    };
    let beginnings = path.match_indices('/').rev().map(|(at, _)| &path[..at]);
    let mut below = beginnings.filter_map(|start| named(format!("{start}/{{proxy+}}")));
    named(path.to_owned()).or_else(|| below.next())
}

/// What API Gateway answers by itself is a problem body with the status it has.
fn says_its_own_answers_as_problems(document: &Value) -> Result<()> {
    let answers = document["x-amazon-apigateway-gateway-responses"].as_object();
    for (name, answer) in answers.context("answers of API Gateway's own")? {
        let body = answer["responseTemplates"]["application/json"].as_str().context("a body")?;
        let body: Value = serde_json::from_str(body).with_context(|| name.clone())?;
        assert_eq!(answer["statusCode"], body["status"].to_string(), "{name}");
        assert_eq!(body["status"], body["status_code"], "{name}");
    }
    Ok(())
}

/// Verb and path of every route in an API document.
fn routes_in(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let verbs = |(path, item): (&String, &Value)| {
        let verbs = item.as_object().into_iter().flatten();
        verbs.map(|(verb, _)| (verb.clone(), path.clone())).collect::<Vec<_>>()
    };
    paths.flat_map(verbs).collect()
}

#[tokio::test]
async fn what_goes_wrong_wakes_somebody() -> Result<()> {
    let template = Template::read().await?;
    let mut alarms = BTreeSet::new();
    for (name, alarm) in template.all("AWS::CloudWatch::Alarm") {
        assert!(alarm["AlarmActions"]["Fn::If"].is_array(), "{name}");
        let metric = alarm["MetricName"].as_str().context("a metric")?;
        let missing = alarm["TreatMissingData"]
            .as_str()
            .with_context(|| format!("{name}: what if there is no data"))?;
        let of = alarm["Dimensions"][0]["Value"].clone();
        let of = of["Ref"].as_str().or(of["Fn::GetAtt"][0].as_str()).unwrap_or_default();
        alarms.insert(format!("{metric} of {of}, missing is {missing}"));
    }
    let expected = [
        "5XXError of AWS::StackName, missing is notBreaching",
        "ApproximateAgeOfOldestMessage of DeliveriesQueue, missing is notBreaching",
        "ApproximateAgeOfOldestMessage of EnjazQueue, missing is notBreaching",
        "ApproximateAgeOfOldestMessage of EventsQueue, missing is notBreaching",
        "ApproximateAgeOfOldestMessage of NoticesQueue, missing is notBreaching",
        "ApproximateAgeOfOldestMessage of RunsQueue, missing is notBreaching",
        "ApproximateAgeOfOldestMessage of TicketsQueue, missing is notBreaching",
        "ApproximateAgeOfOldestMessage of TimersQueue, missing is notBreaching",
        "ApproximateAgeOfOldestMessage of WorkforceQueue, missing is notBreaching",
        "ApproximateNumberOfMessagesVisible of DeliveriesDeadLetters, missing is notBreaching",
        "ApproximateNumberOfMessagesVisible of EnjazDeadLetters, missing is notBreaching",
        "ApproximateNumberOfMessagesVisible of EventsDeadLetters, missing is notBreaching",
        "ApproximateNumberOfMessagesVisible of NoticesDeadLetters, missing is notBreaching",
        "ApproximateNumberOfMessagesVisible of RunsDeadLetters, missing is notBreaching",
        "ApproximateNumberOfMessagesVisible of TicketsDeadLetters, missing is notBreaching",
        "ApproximateNumberOfMessagesVisible of WorkforceDeadLetters, missing is notBreaching",
        "Errors of EnjazWorker, missing is notBreaching",
        "Errors of LiveFanout, missing is notBreaching",
        "Errors of NoticeWorker, missing is notBreaching",
        "Errors of PegaWorker, missing is notBreaching",
        "Errors of RunWorker, missing is notBreaching",
        "Errors of SupportTimers, missing is notBreaching",
        "Errors of SupportWorker, missing is notBreaching",
        "Errors of Sweeper, missing is notBreaching",
        "Errors of SyncSchedule, missing is notBreaching",
        "Errors of WebhookWorker, missing is notBreaching",
        "Errors of WorkforceWorker, missing is notBreaching",
        "OldestDueMilliseconds of , missing is breaching",
    ];
    assert_eq!(alarms, expected.map(str::to_owned).into());
    Ok(())
}

/// Source: the quotas of AWS CloudFormation; what is left is for what is built next.
#[tokio::test]
async fn a_stack_holds_all_resources() -> Result<()> {
    let template = Template::read().await?;
    let many = template.translated["Resources"].as_object().map_or(0, serde_json::Map::len);
    assert!((1..=450).contains(&many), "{many} resources");
    Ok(())
}

/// A stream is sent while it is made: by another integration than all others, which linters
/// do not tell from it.
#[tokio::test]
async fn the_stream_of_tickets_is_not_held_back() -> Result<()> {
    let template = Template::read().await?;
    let mut streaming = BTreeSet::new();
    for (_, api) in template.all("AWS::ApiGateway::RestApi") {
        for (path, verbs) in api["Body"]["paths"].as_object().context("paths")? {
            for (verb, operation) in verbs.as_object().into_iter().flatten() {
                let integration = &operation["x-amazon-apigateway-integration"];
                let uri = integration["uri"].to_string();
                assert_eq!(
                    integration["responseTransferMode"] == "STREAM",
                    uri.contains("/response-streaming-invocations"),
                    "{verb} {path}: {integration}"
                );
                if integration["responseTransferMode"] == "STREAM" {
                    streaming.insert(format!("{verb} {path} {}", integration["timeoutInMillis"]));
                }
            }
        }
    }
    let expected = [
        "get /support/events/{ticket_id} 330000",
        "post /api/v1/integrations/cc/export-data 900000",
        "post /integrations/cc/export-data 900000",
    ];
    assert_eq!(streaming, BTreeSet::from(expected.map(str::to_owned)));
    // Somebody is left to tell a tenant that there are too many, and the gateway tells who
    // finds nobody when to come back.
    let parameter = |name: &str| template.source["Parameters"][name]["Default"].as_i64();
    assert!(parameter("StreamsOfTenant") < parameter("MaximumStreams"));
    let stream = &template.source["Resources"]["SupportStream"]["Properties"];
    assert_eq!(stream["ReservedConcurrentExecutions"]["Ref"], "MaximumStreams");
    let variables = &stream["Environment"]["Variables"];
    assert_eq!(variables["STREAM_SEATS"]["Ref"], "StreamsOfTenant");
    let api = &template.source["Resources"]["Api"]["Properties"];
    let busy = &api["GatewayResponses"]["DEFAULT_5XX"];
    assert_eq!(busy["StatusCode"], "503");
    assert_eq!(busy["ResponseParameters"]["Headers"]["Retry-After"], "'10'");
    Ok(())
}
