//! What a receiver hears while a window mutes alerts, and afterwards.

use super::*;
use crate::{alert::Mute, model::LinkPatterns};

impl Scene {
    /// Mutes the alerts of these links.
    fn mute(&self, links: &str) {
        let pattern = |text: &str| LinkPatterns::new(&[text.to_owned()]).unwrap();
        let mute = Mute {
            clusters: pattern(".*"),
            links: pattern(links),
            alerts: pattern(".*"),
            from: None,
            until: START + SignedDuration::from_hours(1),
            comment: "failover test".to_owned(),
        };
        self.mutes.send_replace(Arc::new(Mutes(vec![mute])));
    }

    /// Every window is over.
    fn unmute(&self) {
        self.mutes.send_replace(Arc::default());
        self.notifier.look_again();
    }

    /// How many alerts were sent in all.
    async fn sent(&self, answers: &[Answer]) -> usize {
        self.run(1, Duration::ZERO, answers).await;
        self.seen.borrow().iter().map(|(_, alerts)| alerts).sum()
    }
}

#[tokio::test(start_paused = true)]
async fn what_fires_while_muted_is_sent_when_it_still_fires_afterwards_and_else_not_at_all() {
    for kind in [Kind::PagerDuty, Kind::Webhook] {
        let scene = Scene::of(kind);
        scene.mute("orders|sales");
        let (orders, sales) = (alert("orders"), alert("sales"));
        scene.notify(&orders);
        scene.notify(&sales);
        scene.notify(&alert("stock"));
        scene.notify(&resolved(&sales));
        assert_eq!(scene.sent(&[OK]).await, 1, "stock is not muted");

        scene.unmute();
        scene.notify(&orders);
        scene.notify(&resolved(&sales));
        assert_eq!(scene.sent(&[OK]).await, 2, "orders still fires");
        assert_eq!(scene.notifier.waiting(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_before_is_resolved_though_it_is_muted() {
    let scene = Scene::of(Kind::PagerDuty);
    let orders = alert("orders");
    scene.notify(&orders);
    assert_eq!(scene.sent(&[OK]).await, 1);
    scene.mute(".*");
    scene.notify(&orders);
    scene.notify(&resolved(&orders));
    assert_eq!(scene.sent(&[OK]).await, 2);
    assert!(scene.log.of("ops").is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_alertmanager_is_told_all_of_it() {
    let scene = Scene::of(Kind::Alertmanager);
    scene.mute(".*");
    scene.notify(&alert("orders"));
    assert_eq!(scene.sent(&[OK]).await, 1);
}

#[tokio::test(start_paused = true)]
async fn what_waited_when_a_window_began_is_held_back_and_leaves_when_it_heals() {
    let scene = Scene::of(Kind::PagerDuty);
    let (orders, sales) = (alert("orders"), alert("sales"));
    scene.notify(&orders);
    scene.notify(&sales);
    scene.mute(".*");
    assert_eq!(scene.sent(&[OK]).await, 0);
    scene.notify(&resolved(&sales));
    assert_eq!((scene.sent(&[OK]).await, scene.notifier.waiting()), (0, 1));
    scene.unmute();
    assert_eq!((scene.sent(&[OK]).await, scene.notifier.waiting()), (1, 0));
}

/// An attempt without an answer may have reached the receiver: it must get the resolve.
#[tokio::test(start_paused = true)]
async fn what_may_have_been_sent_before_keeps_its_resolve() {
    let scene = Scene::of(Kind::PagerDuty);
    let orders = alert("orders");
    scene.notify(&orders);
    let tried = scene.sent(&[DOWN]).await;
    assert!(tried > 0);
    scene.mute(".*");
    scene.notify(&resolved(&orders));
    assert_eq!(
        (scene.sent(&[OK]).await, scene.notifier.waiting()),
        (tried, 2)
    );
    scene.unmute();
    assert_eq!(
        (scene.sent(&[OK]).await, scene.notifier.waiting()),
        (tried + 2, 0)
    );
}
