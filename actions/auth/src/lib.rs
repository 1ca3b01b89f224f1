//! The auth action: logs users in and out by the gateway's session cookie. It sees passwords but no cookie, and has no rights
//! that another plugin has not.

use wicketgate_action::{LoggedIn, User, prelude::*};

/// What a user shows to log in.
#[params]
pub struct LoginParams {
    /// the login
    #[schemars(length(min = 1, max = 256), example = &"demo")]
    username: String,
    /// the password
    #[schemars(length(min = 1, max = 1024))]
    password: String,
}

/// What a user shows as second factor.
#[params]
pub struct VerifyParams {
    /// the six digits that the user's device shows
    #[schemars(length(min = 6, max = 8), example = &"123456")]
    code: String,
}

/// What came of a login.
#[response]
pub struct LoginResponse {
    /// the user; null if the code of a second factor is awaited
    user: Option<UserInfo>,
    /// whether the code of a second factor is awaited: send it by `authVerify` within two minutes
    second_factor: bool,
}

/// Who the caller is.
#[response]
pub struct Caller {
    /// the user; null for a guest
    user: Option<UserInfo>,
}

/// A user.
#[response]
pub struct UserInfo {
    /// unique name
    uid: String,
    /// name to show to people: text, not HTML
    display_name: String,
    /// all roles of the user
    roles: Vec<String>,
}

impl From<&User> for UserInfo {
    fn from(user: &User) -> Self {
        let User { uid, display_name, roles, .. } = user.clone();
        Self { uid, display_name, roles }
    }
}

/// The action.
pub struct Auth;

/// Logs users in and out.
#[action(name = "auth")]
impl Auth {
    fn configure(_config: Empty, _host: &Host) -> Result<Self> {
        Ok(Self)
    }

    /// Log in: the reply sets the session cookie. 403 if name and password do not belong together.
    async fn api_login(&self, req: &Request, p: LoginParams) -> Result<LoginResponse> {
        let LoggedIn { user } = req.log_in(&p.username, &p.password).await?;
        Ok(LoginResponse { second_factor: user.is_none(), user: user.as_ref().map(UserInfo::from) })
    }

    /// Show the code of the second factor, after a login that has asked for one. 403 if it is wrong.
    async fn api_verify(&self, req: &Request, p: VerifyParams) -> Result<Caller> {
        let LoggedIn { user } = req.verify_code(&p.code).await?;
        Ok(Caller { user: user.as_ref().map(UserInfo::from) })
    }

    /// Log out: the session ends, and its cookie is forgotten. Nothing happens to those who are not logged in.
    async fn api_logout(&self, req: &Request, _p: Empty) -> Result<Caller> {
        req.log_out().await?;
        Ok(Caller { user: None })
    }

    /// Tell who the caller is.
    async fn api_check(&self, req: &Request, _p: Empty) -> Result<Caller> {
        let user = Some(req.user()).filter(|user| !user.is_guest()).map(UserInfo::from);
        Ok(Caller { user })
    }
}

#[cfg(test)]
mod tests {
    use wicketgate_action::{User, serde_json::json, testing::Tester};

    use super::Auth;

    #[test]
    fn check_tells_who_the_caller_is() {
        let auth = Tester::<Auth>::new(json!({})).expect("no configuration");
        assert_eq!(auth.call("authCheck", json!({})).value(), json!({"user": null}));
        let (roles, uid, display_name) = (vec!["user".into()], "ada".into(), "Ada".into());
        let auth = auth.with_user(User { uid, display_name, roles, ..User::default() });
        let user = json!({"uid": "ada", "displayName": "Ada", "roles": ["user"]});
        assert_eq!(auth.call("authCheck", json!({})).value(), json!({ "user": user }));
        assert_eq!(auth.call("authLogout", json!({})).value(), json!({"user": null}));
    }

    #[test]
    fn what_makes_no_sense_is_refused_before_the_gateway_is_asked() {
        let auth = Tester::<Auth>::new(json!({})).expect("no configuration");
        let long = "x".repeat(1025);
        for params in [json!({"username": "", "password": "x"}), json!({"username": "ada", "password": long})] {
            assert_eq!(auth.call("authLogin", params).status, 400);
        }
        for code in ["12345", "123456789"] {
            assert_eq!(auth.call("authVerify", json!({ "code": code })).status, 400);
        }
    }
}
